import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files that processes and threads of ours start from. */
export interface ProductPaths {
  readonly storeThread: string;
  readonly datasetReader: string;
  readonly inferenceWorker: string;
  readonly metricThread: string;
  readonly selectionThread: string;
  /** The folder that holds the Python package `al_trainer`. */
  readonly trainer: string;
  /** The folder with the types and the example for authors of metric plug-ins. */
  readonly plugin: string;
}

/** In the product the bundles lie side by side in `dist/`; from source, each entry is its own file. */
export function productPaths(): ProductPaths {
  const here = import.meta.dirname;
  const bundled = join(here, 'storeThread.js');
  if (existsSync(bundled)) {
    return {
      storeThread: bundled,
      datasetReader: join(here, 'datasetReader.js'),
      inferenceWorker: join(here, 'inferenceWorker.js'),
      metricThread: join(here, 'metricThread.js'),
      selectionThread: join(here, 'selectionThread.js'),
      trainer: join(dirname(here), 'trainer'),
      plugin: join(dirname(here), 'extension', 'plugin'),
    };
  }
  const source = dirname(here);
  return {
    storeThread: join(source, 'adapters', 'store', 'thread.ts'),
    datasetReader: join(source, 'adapters', 'files', 'reader.ts'),
    inferenceWorker: join(source, 'adapters', 'inference', 'worker.ts'),
    metricThread: join(source, 'adapters', 'plugins', 'thread.ts'),
    selectionThread: join(source, 'adapters', 'selection', 'thread.ts'),
    trainer: join(dirname(dirname(source)), 'trainer'),
    plugin: join(dirname(source), 'plugin'),
  };
}
