import type { DatasetFacts, ImageFacts } from './datasetFacts.ts';
import { coverageProblems, limitPerCode } from './summaryProblems.ts';
import type { DatasetProblem, DatasetSummary, Split } from './types.ts';

/**
 * Counts a dataset and gathers its problems, the worst first. `labelled` counts every readable image with a label
 * file, background included; `broken` images count in no other number but `images`.
 * Problems of one code are cut after 50, with one that tells how many more there are.
 */
export function summarizeDataset(facts: DatasetFacts): DatasetSummary {
  const readable = facts.images.filter((image) => !image.broken);
  const labelled = readable.filter((image) => image.boxes !== null);
  const boxesPerClass = facts.classNames.map(() => 0);
  for (const { boxes } of labelled) {
    for (const { classId } of boxes ?? []) {
      if (classId in boxesPerClass) boxesPerClass[classId] = (boxesPerClass[classId] ?? 0) + 1;
    }
  }
  const problems = [
    ...facts.problems,
    ...coverageProblems(facts, readable, boxesPerClass),
    ...contentProblems(readable),
  ];
  return {
    classNames: facts.classNames,
    images: facts.images.length,
    labelled: labelled.length,
    background: labelled.filter((image) => image.boxes?.length === 0 && image.unusableLabels !== true).length,
    unlabelled: readable.length - labelled.length,
    validation: readable.filter((image) => image.split === 'val').length,
    test: readable.filter((image) => image.split === 'test').length,
    broken: facts.images.length - readable.length,
    boxes: boxesPerClass.reduce((sum, count) => sum + count, 0),
    boxesPerClass,
    problems: limitPerCode(problems),
  };
}

const strength: Readonly<Record<Split, number>> = { test: 3, val: 2, train: 1, pool: 0 };

/** Images of equal content in different splits: what validates would also train. */
function contentProblems(images: readonly ImageFacts[]): DatasetProblem[] {
  const seen = new Map<string, ImageFacts>();
  const problems: DatasetProblem[] = [];
  for (const image of images.toSorted((a, b) => strength[b.split] - strength[a.split])) {
    if (!image.contentHash) continue;
    const other = seen.get(image.contentHash);
    if (other === undefined) seen.set(image.contentHash, image);
    else if (strength[other.split] >= strength.val && other.split !== image.split) {
      problems.push({
        severity: 'warning',
        code: 'content-leak',
        message: `${image.file} (${image.split}) is the same picture as ${other.file} (${other.split}), so that the numbers of ${other.split} flatter the model.`,
        hint: `Remove one of the two, best the one in ${image.split}.`,
        file: image.file,
      });
    }
  }
  return problems;
}
