import type { LabelBox } from '../../../core/dataset/types.ts';
import { toLabelBox, toPixelBox } from '../../../core/detection/labelBoxes.ts';
import type { BoxView, DecisionMessage } from '../../../protocol/review.ts';
import { WorkflowError } from '../../../workflow/shared/errors.ts';
import type { ImageRow } from '../../../workflow/ports/store/images.ts';
import type { Decision } from '../../../workflow/review/review.ts';

/**
 * A page's decision as the use case takes it: pixels become fractions of the image, and a box that still is where a
 * label put it becomes that label again, so that its row stays byte for byte.
 * @param labels the boxes of the label file, `null` without one.
 * @throws WorkflowError `image-unreadable` when the size of the image is not known.
 */
export function toDecision(message: DecisionMessage, image: ImageRow, labels: readonly LabelBox[] | null): Decision {
  if (message.verdict !== 'corrected') return message;
  const { width, height } = image;
  if (width === null || height === null) {
    throw new WorkflowError(
      'image-unreadable',
      `The size of ${image.relativePath} is not known.`,
      'Rescan the dataset; the file may be damaged.',
    );
  }
  const free = new Set(labels);
  return {
    verdict: 'corrected',
    boxes: message.boxes.map((box) => {
      const label = untouched(box, free, width, height);
      if (label !== null) free.delete(label);
      return label ?? toLabelBox(box, box.classId, width, height);
    }),
  };
}

/** The label that a box still is, so that its row stays byte for byte; files round more coarsely than pages do. */
function untouched(box: BoxView, labels: ReadonlySet<LabelBox>, width: number, height: number): LabelBox | null {
  const tolerance = Math.max(0.1, 2e-6 * Math.max(width, height));
  for (const label of labels) {
    const pixels = toPixelBox(label, width, height);
    const near = (['x1', 'y1', 'x2', 'y2'] as const).every((edge) => Math.abs(pixels[edge] - box[edge]) <= tolerance);
    if (near && label.classId === box.classId) return label;
  }
  return null;
}
