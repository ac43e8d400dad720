import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EmbeddingSpace, EmbeddingStore } from '../../workflow/ports/embeddings.ts';
import { makePrivateFolder } from '../platform/privateFiles.ts';
import { readCentre, writeCentre } from './centreFile.ts';
import { isMissing } from '../platform/fileErrors.ts';
import { fileError } from './embeddingError.ts';
import { EmbeddingFile } from './embeddingFile.ts';

const stem = 'embeddings-';

/**
 * Embeddings in files `embeddings-<key>.bin` and `embeddings-<key>.centre` of a cache folder, which the first write
 * creates. The files are safe to delete; vectors are then computed again. Needs about 100 bytes of memory per image.
 */
export function createEmbeddingStore(folder: string): EmbeddingStore {
  const files = new Map<string, EmbeddingFile>();
  const pathOf = (space: EmbeddingSpace, ending: 'bin' | 'centre'): string =>
    join(folder, `${stem}${space.key}.${ending}`);
  const fileOf = (space: EmbeddingSpace): EmbeddingFile => {
    const path = pathOf(space, 'bin');
    const file = files.get(path) ?? new EmbeddingFile(path, space.dimensions);
    files.set(path, file);
    return file;
  };
  const makeFolder = async (): Promise<void> => {
    try {
      await makePrivateFolder(dirname(folder), folder);
    } catch (error) {
      throw fileError(error, folder, 'write');
    }
  };

  return {
    lacking: (space, images) => fileOf(space).lacking(images),
    async put(space, entries) {
      if (entries.length === 0) return;
      await makeFolder();
      await fileOf(space).append(entries);
    },
    load: (space, imageIds) => fileOf(space).load(imageIds),
    centre: (space) => readCentre(pathOf(space, 'centre'), space.dimensions),
    async fixCentre(space, centre) {
      await makeFolder();
      return writeCentre(pathOf(space, 'centre'), centre);
    },
    async dropOthers(prefix, keep) {
      let names: string[];
      try {
        names = await readdir(folder);
      } catch (error) {
        if (isMissing(error)) return;
        throw fileError(error, folder, 'read');
      }
      for (const name of names) {
        const key = name.startsWith(stem) ? name.slice(stem.length, name.lastIndexOf('.')) : '';
        if (key === '' || key === keep || !key.startsWith(prefix)) continue;
        files.delete(join(folder, name));
        await rm(join(folder, name), { force: true });
      }
    },
  };
}
