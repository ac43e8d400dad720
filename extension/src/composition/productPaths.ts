import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files that start the product's processes and threads. */
export interface ProductPaths {
  readonly storeThread: string;
  readonly datasetReader: string;
  readonly previewWorker: string;
  readonly thumbnailWorker: string;
  readonly inferenceWorker: string;
  readonly scorePluginThread: string;
  readonly selectionThread: string;
  readonly background: string;
  /** The folder of the Python package `al_trainer`. */
  readonly trainer: string;
  /** The folder with the types and the example for authors of score plug-ins. */
  readonly plugin: string;
}

/** In the product, the bundles are next to each other in `dist/`; code run from source uses those of the last build. */
export function productPaths(): ProductPaths {
  const here = import.meta.dirname;
  const root = existsSync(join(here, 'storeThread.js')) ? dirname(here) : join(here, '..', '..', '..');
  const program = (name: string): string => join(root, 'dist', `${name}.js`);
  return {
    storeThread: program('storeThread'),
    datasetReader: program('datasetReader'),
    previewWorker: program('previewWorker'),
    thumbnailWorker: program('thumbnailWorker'),
    inferenceWorker: program('inferenceWorker'),
    scorePluginThread: program('scorePluginThread'),
    selectionThread: program('selectionThread'),
    background: program('background'),
    trainer: join(root, 'trainer'),
    plugin: join(root, 'extension', 'plugin'),
  };
}
