import { writeSync } from 'node:fs';
import { createEmbeddingStore } from '../embeddingStore.ts';
import { entry, space } from './vectors.ts';

/**
 * A process that appends vectors: `node appendVectors.ts <folder> <first id> <count, 0 = until it is killed>`. After
 * each block of 100 it prints the id of the last image, so that the test knows which vectors to expect.
 */
const [, , folder, first, count] = process.argv;
if (folder === undefined) throw new Error('usage: appendVectors.ts <folder> <first id> <count>');
const store = createEmbeddingStore(folder);
const start = Number(first);
const end = Number(count) === 0 ? Number.POSITIVE_INFINITY : start + Number(count);
for (let id = start; id < end; id += 100) {
  await store.put(
    space,
    Array.from({ length: 100 }, (_, i) => entry(id + i)),
  );
  writeSync(1, `${id + 99}\n`);
}
