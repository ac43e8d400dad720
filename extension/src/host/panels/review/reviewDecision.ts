import type { LabelBox } from '../../../core/dataset/types.ts';
import { toLabelBox, toPixelBox } from '../../../core/detection/labelBoxes.ts';
import type { Detection } from '../../../core/detection/types.ts';
import type { BoxView, DecisionMessage } from '../../../protocol/review.ts';
import type { ImageRow } from '../../../workflow/ports/store/images.ts';
import type { ImageDecision } from '../../../workflow/review/imageVerdicts.ts';
import { keptDetections, requireImageSize, type Decision } from '../../../workflow/review/verdictOutcome.ts';

/**
 * Converts a decision of the page for the use case: pixels to fractions of the image, and unchanged boxes back to their
 * labels, so that their rows in the label file stay byte for byte.
 * @param labels the boxes of the label file, `null` if there is none.
 * @throws WorkflowError `image-unreadable` if the size of the image is unknown.
 */
export function toDecision(message: DecisionMessage, image: ImageRow, labels: readonly LabelBox[] | null): Decision {
  return message.verdict === 'corrected' ? toCorrection(message.boxes, image, labels) : message;
}

/**
 * The same for an image that is no sample: accepted predictions are boxes like drawn ones, and replace the labels.
 * @param predicted the predictions that the page shows.
 */
export function toImageDecision(
  message: DecisionMessage,
  image: ImageRow,
  labels: readonly LabelBox[] | null,
  predicted: readonly Detection[],
): ImageDecision {
  if (message.verdict === 'corrected') return toCorrection(message.boxes, image, labels);
  if (message.verdict !== 'accepted') return message;
  const shown = keptDetections({ predictedBoxes: predicted }, message.kept);
  const boxes = shown.map(({ box, classId }) => ({ ...box, classId }));
  return toCorrection(boxes, image, labels);
}

function toCorrection(
  boxes: readonly BoxView[],
  image: ImageRow,
  labels: readonly LabelBox[] | null,
): { readonly verdict: 'corrected'; readonly boxes: readonly LabelBox[] } {
  const { width, height } = requireImageSize(image);
  const remaining = new Set(labels);
  return {
    verdict: 'corrected',
    boxes: boxes.map((box) => {
      const label = unchangedLabel(box, remaining, width, height);
      if (label !== null) remaining.delete(label);
      return label ?? toLabelBox(box, box.classId, width, height);
    }),
  };
}

/** The label at the position of a box. The tolerance allows for rounding in label files. */
function unchangedLabel(box: BoxView, labels: ReadonlySet<LabelBox>, width: number, height: number): LabelBox | null {
  const tolerance = Math.max(0.1, 2e-6 * Math.max(width, height));
  for (const label of labels) {
    const pixels = toPixelBox(label, width, height);
    const matches = (['x1', 'y1', 'x2', 'y2'] as const).every(
      (edge) => Math.abs(pixels[edge] - box[edge]) <= tolerance,
    );
    if (matches && label.classId === box.classId) return label;
  }
  return null;
}
