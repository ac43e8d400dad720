import type { LabelBox } from '../../../core/dataset/types.ts';
import { toLabelBox, toPixelBox } from '../../../core/detection/labelBoxes.ts';
import type { BoxView, DecisionMessage } from '../../../protocol/review.ts';
import type { ImageRow } from '../../../workflow/ports/store/images.ts';
import { requireImageSize, type Decision } from '../../../workflow/review/verdictOutcome.ts';

/**
 * Converts a decision of the page for the use case: pixels to fractions of the image, and unchanged boxes back to their
 * labels, so that their rows in the label file stay byte for byte.
 * @param labels the boxes of the label file, `null` if there is none.
 * @throws WorkflowError `image-unreadable` if the size of the image is unknown.
 */
export function toDecision(message: DecisionMessage, image: ImageRow, labels: readonly LabelBox[] | null): Decision {
  if (message.verdict !== 'corrected') return message;
  const { width, height } = requireImageSize(image);
  const remaining = new Set(labels);
  return {
    verdict: 'corrected',
    boxes: message.boxes.map((box) => {
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
