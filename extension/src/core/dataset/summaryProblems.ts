import type { DatasetFacts, ImageFacts } from './datasetFacts.ts';
import type { DatasetProblem, ProblemSeverity } from './types.ts';

/** With fewer validation images, metrics are not meaningful and no advice is given (docs/architecture.md, One iteration). */
const leastValidationImages = 30;

function problem(severity: ProblemSeverity, code: string, message: string, hint: string): DatasetProblem {
  return { severity, code, message, hint };
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Problems that follow from the counts: what is missing for training and for reliable metrics. */
export function coverageProblems(
  facts: DatasetFacts,
  readable: readonly ImageFacts[],
  boxesPerClass: readonly number[],
): DatasetProblem[] {
  const problems: DatasetProblem[] = [];
  const labelled = readable.filter((image) => image.classIds !== null);
  const broken = facts.images.length - readable.length;
  if (readable.length === 0) {
    problems.push(
      problem(
        'error',
        'no-readable-image',
        'The dataset has no image that can be read.',
        'Add images (JPEG, PNG, WebP, AVIF, TIFF or BMP).',
      ),
    );
  }
  if (broken > 0) {
    const verb = broken === 1 ? 'is' : 'are';
    problems.push(
      problem(
        'warning',
        'broken-images',
        `${many(broken, 'image')} of ${facts.images.length} cannot be read, or their labels cannot, and ${verb} left out.`,
        'Replace or remove them; each is listed with its reason.',
      ),
    );
  }
  const unusable = labelled.filter((image) => image.unusableLabels === true).length;
  if (unusable > 0) {
    problems.push(
      problem(
        'warning',
        'unusable-labels',
        `${many(unusable, 'label file')} ${unusable === 1 ? 'has rows, but none that can be used; its image stays' : 'have rows, but none that can be used; their images stay'} out of training.`,
        'Correct the rows that are listed, or empty the file if the image has no objects.',
      ),
    );
  }
  if (labelled.length === 0) {
    problems.push(
      problem(
        'warning',
        'no-labels',
        'No image has a label file yet.',
        'Label a first batch from scratch, or check that the labels are where Ultralytics looks for them: .../labels/a.txt for .../images/a.jpg, next to the image otherwise.',
      ),
    );
  } else {
    for (const [id, count] of boxesPerClass.entries()) {
      if (count > 0) continue;
      problems.push(
        problem(
          'warning',
          'class-without-boxes',
          `Class ${id} ("${facts.classNames[id]}") has no box in any label file.`,
          'Label some objects of it; until then the model cannot learn it.',
        ),
      );
    }
    if (boxesPerClass.every((count) => count === 0) && unusable === 0) {
      problems.push(
        problem(
          'warning',
          'background-only',
          'All label files are empty: every labelled image is background.',
          'Label images that show objects.',
        ),
      );
    }
  }
  if (labelled.length === readable.length && readable.length > 0) {
    problems.push(
      problem(
        'info',
        'nothing-unlabelled',
        'Every image is labelled; there is nothing to select.',
        'Add a folder with unlabelled images as the pool.',
      ),
    );
  }
  if (facts.hasValidationSplit) problems.push(...validationProblems(facts, readable));
  else if (!facts.problems.some(({ code }) => code === 'validation-is-training')) problems.push(noValidationSplit);
  return problems;
}

const noValidationSplit = problem(
  'info',
  'no-validation-split',
  'The dataset does not specify validation images.',
  'A fifth of the labelled images is set aside for validation, by class, when the first training starts.',
);

function validationProblems(facts: DatasetFacts, readable: readonly ImageFacts[]): DatasetProblem[] {
  const problems: DatasetProblem[] = [];
  const validation = readable.filter((image) => image.split === 'val');
  const labelled = validation.filter((image) => image.classIds !== null);
  const unlabelled = validation.length - labelled.length;
  if (unlabelled > 0) {
    problems.push(
      problem(
        'warning',
        'unlabelled-validation',
        `${unlabelled} of ${many(validation.length, 'validation image')} ${unlabelled === 1 ? 'has' : 'have'} no label file and cannot be counted.`,
        'Label them. An empty .txt file means that the image has no objects.',
      ),
    );
  }
  if (labelled.length < leastValidationImages) {
    problems.push(
      problem(
        'warning',
        'small-validation',
        `There ${labelled.length === 1 ? 'is' : 'are'} only ${many(labelled.length, 'labelled validation image')}; with fewer than ${leastValidationImages} the metrics are not reliable.`,
        'Label more validation images.',
      ),
    );
  }
  const present = new Set(labelled.flatMap((image) => image.classIds ?? []));
  const absent = facts.classNames.flatMap((name, id) => (present.has(id) ? [] : [`${id} ("${name}")`]));
  if (absent.length > 0 && labelled.length > 0) {
    problems.push(
      problem(
        'warning',
        'validation-class-missing',
        `The validation images show ${present.size} of ${many(facts.classNames.length, 'class').replace('classs', 'classes')}; missing: ${absent.length <= 20 ? absent.join(', ') : `${absent.slice(0, 20).join(', ')} and ${absent.length - 20} more`}.`,
        'Label validation images that show them; otherwise their quality stays unknown.',
      ),
    );
  }
  return problems;
}
