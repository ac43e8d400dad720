import { join } from 'node:path';
import { createThumbnails, type Thumbnails } from '../adapters/previews/thumbnails.ts';
import { productPaths } from './productPaths.ts';

export type { Thumbnails };

/** The thumbnails of a grid, and the folder that contains them. */
export interface GridFiles {
  readonly thumbnails: Thumbnails;
  readonly thumbnailsFolder: string;
}

/**
 * @param storage the folder `.active-learning`.
 * @param onWarning receives images of which no thumbnail could be made.
 */
export function createGridFiles(storage: string, onWarning: (message: string) => void): GridFiles {
  const thumbnailsFolder = join(storage, 'cache', 'thumbnails');
  return {
    thumbnails: createThumbnails({ folder: thumbnailsFolder, workerPath: productPaths().thumbnailWorker, onWarning }),
    thumbnailsFolder,
  };
}
