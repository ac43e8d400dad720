import { join } from 'node:path';
import { createClassFile } from '../adapters/files/dataYaml/dataYamlWriter.ts';
import { createPreviews, type Previews } from '../adapters/previews/previews.ts';
import type { ClassFile } from '../workflow/ports/classFile.ts';
import { productPaths } from './productPaths.ts';

export type { Previews };

/** What a review reads and writes besides the database and label files. */
export interface ReviewFiles {
  readonly classFile: ClassFile;
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
    classFile: createClassFile({ backupFolder: join(storage, 'backups', 'descriptions') }),
    previews: createPreviews({ folder: previewsFolder, workerPath: productPaths().previewWorker, onWarning }),
    previewsFolder,
  };
}
