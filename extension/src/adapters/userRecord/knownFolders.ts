import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { KnownFolders, StoragePlace } from '../../workflow/ports/userRecord.ts';
import type { Entries } from './entries.ts';

const entryForm = z.looseObject({ id: z.uuid(), path: z.string(), target: z.string() });

/** Known folders, one entry per path: `folders/<sha256 of the path>.json`. */
export function createKnownFolders(entries: Entries): KnownFolders {
  const idOf = async (place: StoragePlace): Promise<string | null> => {
    const { data } = entryForm.safeParse(await entries.read(nameOf(place)));
    return data?.path === place.path && data.target === place.target ? data.id : null;
  };
  return {
    idOf,
    async claim(place) {
      const known = await idOf(place);
      if (known !== null) return known;
      const id = randomUUID();
      const entry = { id, ...place, since: new Date().toISOString() };
      if (await entries.add(nameOf(place), entry)) return id;
      // Another process was first, or the entry is for an earlier target of a link.
      const theirs = await idOf(place);
      if (theirs !== null) return theirs;
      await entries.write(nameOf(place), entry);
      return id;
    },
  };
}

function nameOf({ path }: StoragePlace): string {
  return `folders/${createHash('sha256').update(path).digest('hex')}.json`;
}
