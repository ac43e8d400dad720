import type { EmbeddingMatrix } from '../selection/embeddings.ts';
import { LookalikeFinder, type Lookalike } from './lookalikes.ts';
import type { Pictures } from './pictures.ts';

/** A picture and those that show the same, in the order they came. */
export interface LookalikeGroup {
  readonly first: number;
  readonly others: readonly Lookalike[];
}

/** Pictures that are compared in one go: a few milliseconds. */
const stride = 100;

/**
 * Groups pictures around the first that came of each: a member is like that first one, not only like another member, so
 * that a slow pan does not become one group. Whoever should stay is given first. Pictures without a partner are left out.
 * @param vectors see `LookalikeFinder`.
 * @returns a generator that stops now and then, so that a caller can let others work in between.
 */
export function* groupsOf(pictures: Pictures, vectors: EmbeddingMatrix | null): Generator<void, LookalikeGroup[]> {
  const finder = new LookalikeFinder(pictures, vectors);
  const isFirst = new Uint8Array(pictures.size);
  const groups = new Map<number, Lookalike[]>();
  for (let entry = 0; entry < pictures.size; entry++) {
    if (entry % stride === 0) yield;
    const found = finder.findBefore(entry, isFirst);
    if (found === null) {
      isFirst[entry] = 1;
      continue;
    }
    const members = groups.get(found.imageId) ?? [];
    members.push({ ...found, imageId: pictures.imageIdOf(entry) });
    groups.set(found.imageId, members);
  }
  return [...groups].map(([first, others]) => ({ first, others }));
}

/** The same at once, for few pictures. */
export function groupsAtOnce(pictures: Pictures, vectors: EmbeddingMatrix | null): LookalikeGroup[] {
  const steps = groupsOf(pictures, vectors);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
