import { meanAveragePrecision } from './averagePrecision.ts';
import { bestF1Threshold, countShown } from './bestF1.ts';
import { matchDetections, type EvaluationImage, type MatchOptions } from './matching.ts';

export type { EvaluationImage } from './matching.ts';

export interface ClassEvaluation {
  readonly classId: number;
  /** `null` if the class has no object in these images. */
  readonly ap50: number | null;
  readonly ap5095: number | null;
  /** At the threshold of the whole result; `null` if no box of the class is shown. */
  readonly precision: number | null;
  /** `null` if the class has no object. */
  readonly recall: number | null;
  /** Objects of the class. */
  readonly boxes: number;
}

/** The result of an evaluation, as plain data. A figure is `null` if there is nothing to measure. */
export interface EvaluationResult {
  /** Means over the classes that have objects. */
  readonly map50: number | null;
  readonly map5095: number | null;
  /** Over the boxes of all classes, at IoU 0.50 and `threshold`. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** The confidence with the best F1; `null` if nothing was found: then all detections count as shown. */
  readonly threshold: number | null;
  /** By class id. */
  readonly perClass: readonly ClassEvaluation[];
  readonly images: number;
  /** Objects in these images. */
  readonly boxes: number;
  readonly classCount: number;
  /** k of "k of C classes": those with at least one object. */
  readonly classesWithTruth: number;
}

/**
 * Evaluates detections against labels: COCO's mAP (equal to pycocotools), and precision and recall at the confidence
 * with the best F1. The order of the images does not matter.
 * @throws EvaluationError `duplicate-image`, `class-out-of-range`, `invalid-confidence`, `options-invalid`.
 */
export function evaluate(images: readonly EvaluationImage[], options: MatchOptions): EvaluationResult {
  const matches = matchDetections(images, options);
  const { map50, map5095, perClass } = meanAveragePrecision(matches);
  const best = bestF1Threshold(matches);
  const threshold = best?.threshold ?? null;
  const classes = matches.classes.map(({ classId, truthBoxes }): ClassEvaluation => {
    const { shown, hits } = countShown(matches, classId, threshold);
    return {
      classId,
      ap50: perClass[classId]?.ap50 ?? null,
      ap5095: perClass[classId]?.ap5095 ?? null,
      precision: shown === 0 ? null : hits / shown,
      recall: truthBoxes === 0 ? null : hits / truthBoxes,
      boxes: truthBoxes,
    };
  });
  const boxes = matches.classes.reduce((sum, one) => sum + one.truthBoxes, 0);
  const anyShown = matches.classes.some((one) => one.confidences.length > 0);
  return {
    map50,
    map5095,
    precision: best?.precision ?? (anyShown ? 0 : null),
    recall: best?.recall ?? (boxes > 0 ? 0 : null),
    f1: best?.f1 ?? (boxes > 0 ? 0 : null),
    threshold,
    perClass: classes,
    images: images.length,
    boxes,
    classCount: options.classCount,
    classesWithTruth: matches.classes.filter((one) => one.truthBoxes > 0).length,
  };
}
