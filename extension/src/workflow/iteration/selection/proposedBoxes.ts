import { matchClasses, withMatchedClasses } from '../../../core/detection/classMatch.ts';
import type { Detection } from '../../../core/detection/types.ts';
import { AppError } from '../../../core/errors.ts';
import { ImageLocator } from '../../dataset/images.ts';
import { exportedBase } from '../../models/baseModel.ts';
import { reportProgress, type Ports, type RunOptions } from '../../ports/ports.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { inferenceOptionsOf } from '../scoring/scoringPlan.ts';

/** Boxes for images of a first batch. */
export interface ProposedBoxes {
  /** By image id. Images without a box are left out. */
  readonly byImage: ReadonlyMap<number, readonly Detection[]>;
  /** Where they are from, next to the reasons of each image. */
  readonly reason: string;
  /** Why there are none; null if there is nothing to say. */
  readonly note: string | null;
}

const nothing = { byImage: new Map<number, readonly Detection[]>(), reason: '', note: null };

/**
 * The boxes that the base weights predict on images of a first batch, so that a person need not draw all of them. Only
 * classes of the weights whose names the dataset has too; or every object, if the dataset has one class alone.
 * @returns no boxes if no class fits, or, with a note, if the weights cannot be run.
 * @throws WorkflowError `cancelled`.
 */
export async function proposedBoxes(
  ports: Ports,
  session: SessionRow,
  imageIds: readonly number[],
  classNames: readonly string[],
  options: RunOptions,
): Promise<ProposedBoxes> {
  try {
    const model = await exportedBase(ports, session, options);
    const match = matchClasses(model.info.names, classNames);
    if (match === null) return nothing;
    const locator = await ImageLocator.of(ports, session.datasetId);
    const images = await ports.store.images.find({ datasetId: session.datasetId, ids: imageIds });
    const located = images.map((image) => ({ imageId: image.id, absolutePath: locator.path(image) }));
    const inferenceOptions = { ...inferenceOptionsOf(ports, session, model), flip: false, localisation: false };
    reportProgress(options, 'select', 'Proposing boxes for the first batch');
    const byImage = new Map<number, readonly Detection[]>();
    for await (const result of ports.inference.predict(model, located, inferenceOptions, options.signal)) {
      if (!result.ok) continue;
      const detections = withMatchedClasses(result.detections, match);
      if (detections.length > 0) byImage.set(result.imageId, detections);
    }
    const reason = match.byName
      ? 'boxes proposed by the base weights, which have not seen your labels'
      : 'boxes of any object, proposed by the base weights';
    return { byImage, reason, note: null };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
    return { ...nothing, note: `Boxes cannot be proposed: ${error.message} ${error.hint}` };
  }
}
