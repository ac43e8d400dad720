import { join } from 'node:path';
import { createPreviews, type Previews } from '../adapters/previews/previews.ts';
import { productPaths } from './productPaths.ts';

export type { Previews };

/** The previews of a review, and the folder that contains them. */
export interface ReviewFiles {
  readonly previews: Previews;
  readonly previewsFolder: string;
}

/**
 * @param storage the folder `.active-learning`.
 * @param onWarning receives images that could not be converted.
 */
export function createReviewFiles(storage: string, onWarning: (message: string) => void): ReviewFiles {
  const previewsFolder = join(storage, 'cache', 'previews');
  return {
    previews: createPreviews({ folder: previewsFolder, workerPath: productPaths().previewWorker, onWarning }),
    previewsFolder,
  };
}
