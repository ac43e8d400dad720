import { NearDuplicateFinder } from '../duplicates/nearDuplicates.ts';
import { parseHash } from '../duplicates/perceptualHash.ts';
import { HashedImages, type HashedImage } from '../duplicates/hashedImages.ts';
import type { DatasetFacts, ImageFacts } from './datasetFacts.ts';
import { limitPerCode } from './problemList.ts';
import { coverageProblems } from './summaryProblems.ts';
import type { DatasetProblem, DatasetSummary, Split } from './types.ts';

/**
 * Counts a dataset and collects its problems, the worst first. `labelled` counts every readable image with a label
 * file, background included; `broken` images count in no other number but `images`.
 * Lists at most 50 problems of one code, plus one with the number of the others.
 */
export function summarizeDataset(facts: DatasetFacts): DatasetSummary {
  const readable = facts.images.filter((image) => !image.broken);
  const labelled = readable.filter((image) => image.classIds !== null);
  const boxesPerClass = facts.classNames.map(() => 0);
  for (const { classIds } of labelled) {
    for (const classId of classIds ?? []) {
      if (classId in boxesPerClass) boxesPerClass[classId] = (boxesPerClass[classId] ?? 0) + 1;
    }
  }
  const problems = [...facts.problems, ...coverageProblems(facts, readable, boxesPerClass), ...leakProblems(readable)];
  return {
    classNames: facts.classNames,
    images: facts.images.length,
    labelled: labelled.length,
    background: labelled.filter((image) => image.classIds?.length === 0 && image.unusableLabels !== true).length,
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

/** Images that appear in more than one split, so that validation images would also be trained on. */
function leakProblems(images: readonly ImageFacts[]): DatasetProblem[] {
  const finders = { test: finderAmong(images, 'test'), val: finderAmong(images, 'val') };
  const problems: DatasetProblem[] = [];
  for (const [imageId, image] of images.entries()) {
    for (const stronger of ['test', 'val'] as const) {
      if (strength[stronger] <= strength[image.split]) continue;
      const found = finders[stronger].find(pictureOf(image, imageId));
      if (found === null) continue;
      const other = images[found.imageId]?.file ?? '';
      problems.push({
        severity: 'warning',
        code: found.sameFile ? 'content-leak' : 'near-duplicate-leak',
        message: `${image.file} (${image.split}) ${found.sameFile ? 'is the same image as' : 'looks the same as'} ${other} (${stronger}), so the ${stronger} metrics are too optimistic.`,
        hint: `Remove one of the two, preferably the one in ${image.split}.`,
        file: image.file,
      });
      break;
    }
  }
  return problems;
}

function finderAmong(images: readonly ImageFacts[], split: Split): NearDuplicateFinder {
  const pictures = new HashedImages();
  for (const [imageId, image] of images.entries()) if (image.split === split) pictures.add(pictureOf(image, imageId));
  return new NearDuplicateFinder(pictures, null);
}

function pictureOf({ contentHash = null, perceptualHash }: ImageFacts, imageId: number): HashedImage {
  return { imageId, contentHash, hash: perceptualHash ? parseHash(perceptualHash) : null };
}
