import { createRandom, shuffled } from '../random.ts';
import { groupItems, groupKeys, type Groupable } from './splitGroups.ts';

/** An image that may join the validation set. */
export interface GrowthItem extends Groupable {
  readonly id: number;
}

export interface GrowthOptions {
  /** The random slice of a batch: images drawn regardless of any score. */
  readonly slice: readonly GrowthItem[];
  /** Members so far. */
  readonly validation: readonly GrowthItem[];
  /** Images that train, have trained, or are about to be labelled for training. */
  readonly training: readonly GrowthItem[];
  readonly seed: number;
  /** The set stops growing at this many images. Default 100 (docs/architecture.md, One iteration). */
  readonly target?: number;
}

/**
 * Chooses which images of a random slice join validation: half of them (rounded down), purely at random, so that the set stays an
 * unbiased sample. Groups stay undivided: one that has a member in training never joins; one that has a member only in
 * validation always does, since training on it would leak.
 * @returns the ids that join, in the order of the slice.
 */
export function growValidation(options: GrowthOptions): number[] {
  const { slice, validation, training, seed, target = 100 } = options;
  const inValidation = new Set(validation.flatMap(groupKeys));
  const inTraining = new Set(training.flatMap(groupKeys));
  const groups = groupItems(slice).filter((group) => !touches(group, inTraining));
  const joining = new Set<number>();
  const join = (group: readonly GrowthItem[]): void => group.forEach(({ id }) => joining.add(id));
  groups.filter((group) => touches(group, inValidation)).forEach(join);
  const wanted = Math.min(Math.floor(slice.length / 2), target - validation.length);
  const free = groups.filter((group) => !touches(group, inValidation));
  for (const group of shuffled(free, createRandom(seed))) {
    if (joining.size + group.length <= wanted) join(group);
  }
  return slice.flatMap(({ id }) => (joining.has(id) ? [id] : []));
}

function touches(group: readonly GrowthItem[], keys: ReadonlySet<string>): boolean {
  return group.some((item) => groupKeys(item).some((key) => keys.has(key)));
}
