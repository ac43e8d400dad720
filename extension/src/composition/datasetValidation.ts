import { createDatasetReader } from '../adapters/files/reader/datasetReader.ts';
import { createFileLabels } from '../adapters/labels/fileLabels.ts';
import type { Ports } from '../workflow/ports/ports.ts';
import { productPaths } from './productPaths.ts';

/**
 * The ports that validate a dataset without a session. They only read.
 * @param backupFolder where labels would be backed up before a write.
 */
export function createDatasetValidation(backupFolder: string): Pick<Ports, 'datasetFiles' | 'labels'> {
  return {
    datasetFiles: createDatasetReader({ readerPath: productPaths().datasetReader }),
    labels: createFileLabels({ backupFolder }),
  };
}
