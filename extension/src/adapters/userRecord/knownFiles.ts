import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { z } from 'zod';
import type { FileOrigin, KnownFiles } from '../../workflow/ports/userRecord.ts';
import type { Entries } from './entries.ts';
import { UserRecordError } from './userRecordError.ts';

/** The content of a regular file. */
interface Content {
  readonly size: number;
  readonly sha256: string;
}

const origins: readonly FileOrigin[] = ['run', 'user'];
const entryForm = z.looseObject({ size: z.number(), sha256: z.string() });
const partBytes = 1024 * 1024;

/** Cached hashes by path, valid while size and times of the file are unchanged. */
const hashes = new Map<string, { readonly stamp: string; readonly content: Content }>();

/** Known files, one entry per content and origin: `files/<sha256>-<origin>.json`. */
export function createKnownFiles(entries: Entries): KnownFiles {
  return {
    async remember(path, origin) {
      const real = await realpath(path).catch(() => path);
      const content = await contentOf(real);
      if (content === null) {
        throw new UserRecordError(
          'unreadable',
          `The file ${path} cannot be recorded as yours: it is no file that can be read.`,
          'Check the path and the permissions of the file.',
          { where: path },
        );
      }
      const name = nameOf(content, origin);
      if (matches(await entries.read(name), content)) return;
      await entries.write(name, { path: real, ...content });
    },
    isKnown: async (path, origin) => (await hashIfKnown(entries, path, origin)) !== null,
    hashIfKnown: (path, origin) => hashIfKnown(entries, path, origin),
  };
}

async function hashIfKnown(entries: Entries, path: string, origin?: FileOrigin): Promise<string | null> {
  const content = await contentOf(await realpath(path).catch(() => path));
  if (content === null) return null;
  for (const each of origin === undefined ? origins : [origin]) {
    if (matches(await entries.read(nameOf(content, each)), content)) return content.sha256;
  }
  return null;
}

function nameOf({ sha256 }: Content, origin: FileOrigin): string {
  return `files/${sha256}-${origin}.json`;
}

function matches(entry: unknown, { size, sha256 }: Content): boolean {
  const { data } = entryForm.safeParse(entry);
  return data?.size === size && data.sha256 === sha256;
}

/** Null for anything other than a readable regular file. */
async function contentOf(path: string): Promise<Content | null> {
  // Without O_NONBLOCK, a pipe without a writer would block.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => null);
  if (file === null) return null;
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) return null;
    const stamp = [before.dev, before.ino, before.size, before.mtimeNs, before.ctimeNs].join(':');
    const known = hashes.get(path);
    if (known?.stamp === stamp) return known.content;
    const hash = createHash('sha256');
    const part = Buffer.allocUnsafe(partBytes);
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(part, 0, part.length, size);
      if (bytesRead === 0) break;
      hash.update(part.subarray(0, bytesRead));
      size += bytesRead;
    }
    const content = { size, sha256: hash.digest('hex') };
    hashes.set(path, { stamp, content });
    return content;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
