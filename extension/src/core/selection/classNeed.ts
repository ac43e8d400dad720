import type { CandidateTable, ExpectedBoxes } from './candidates.ts';
import type { LabelledSet } from './embeddings.ts';

/** Fewer labelled boxes than a fair share make a class wanted, 1 is the average; at most twice, at least half. */
const SOFTENER = 5;
const LEAST = 0.5;
const MOST = 2;

/** A class from this need on is worth a word. */
const RARE = 1.2;
/** Fewer expected boxes of a class are no reason to take an image. */
const LEAST_EXPECTED = 0.25;

/**
 * How much each class is wanted: clip(√((N/C + 5)/(n_c + 5)), 0.5, 2) for n_c labelled boxes of N in C classes
 * (docs/architecture.md, Scores and selection).
 * The root and the bounds keep one rare class from taking a whole batch.
 */
export function classNeeds({ boxesByClass }: Pick<LabelledSet, 'boxesByClass'>): Float64Array {
  const all = boxesByClass.reduce((sum, count) => sum + count, 0);
  const fair = boxesByClass.length > 0 ? all / boxesByClass.length : 0;
  return Float64Array.from(boxesByClass, (count) =>
    Math.min(MOST, Math.max(LEAST, Math.sqrt((fair + SOFTENER) / (count + SOFTENER)))),
  );
}

/** The need of an image: that of its classes, weighted by the boxes that are expected; 1 where nothing is. */
export function imageNeed({ starts, classIds, counts }: ExpectedBoxes, index: number, needs: Float64Array): number {
  let weighted = 0;
  let all = 0;
  for (let at = starts[index] ?? 0; at < (starts[index + 1] ?? 0); at++) {
    const count = counts[at] as number;
    weighted += count * (needs[classIds[at] as number] ?? 1);
    all += count;
  }
  return all > 0 ? weighted / all : 1;
}

/** The most wanted class that the image probably holds, if any is worth a word. */
export function rareClass(
  { starts, classIds, counts }: ExpectedBoxes,
  index: number,
  needs: Float64Array,
): number | null {
  let rarest: number | null = null;
  let most = RARE;
  for (let at = starts[index] ?? 0; at < (starts[index + 1] ?? 0); at++) {
    const classId = classIds[at] as number;
    const need = needs[classId] ?? 1;
    if ((counts[at] as number) < LEAST_EXPECTED || need < most || (need === most && rarest !== null)) continue;
    rarest = classId;
    most = need;
  }
  return rarest;
}

/** The leading class of an image in which nothing is expected. */
export const NO_CLASS = -1;

/** The class that most expected boxes of an image have, ties by class id; `NO_CLASS` where nothing was found. */
export function leadingClass(
  { expected, hasDetections }: Pick<CandidateTable, 'expected' | 'hasDetections'>,
  index: number,
): number {
  let leading = NO_CLASS;
  let most = 0;
  if (hasDetections[index] === 0) return leading;
  for (let at = expected.starts[index] ?? 0; at < (expected.starts[index + 1] ?? 0); at++) {
    if ((expected.counts[at] as number) <= most) continue;
    most = expected.counts[at] as number;
    leading = expected.classIds[at] as number;
  }
  return leading;
}
