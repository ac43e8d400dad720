import type { CandidateTable, ExpectedBoxes } from './candidates.ts';
import type { LabelledSet } from './embeddings.ts';

/** Below a fair share of labelled boxes, a class has a need above the average of 1; at most 2, at least 0.5. */
const SOFTENER = 5;
const LEAST = 0.5;
const MOST = 2;

/** A class with at least this need is mentioned in the reasons. */
const RARE = 1.2;
/** With fewer expected boxes, a class is not a reason to select an image. */
const LEAST_EXPECTED = 0.25;

/**
 * The need of each class: clip(√((N/C + 5)/(n_c + 5)), 0.5, 2) for n_c labelled boxes of N in C classes
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

/** The need of an image: the mean need of its classes, weighted by expected boxes; 1 without expected boxes. */
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

/** The most needed class that the image probably contains, if its need is high enough to mention. */
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

/** The leading class of an image without expected objects. */
export const NO_CLASS = -1;

/** The class of most expected boxes of an image, ties by class id; `NO_CLASS` without expected boxes. */
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
