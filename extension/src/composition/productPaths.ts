import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files that processes and threads of ours start from. */
export interface ProductPaths {
  readonly storeThread: string;
  readonly inferenceWorker: string;
  /** The folder that holds the Python package `al_trainer`. */
  readonly trainer: string;
}

/** In the product the bundles lie side by side in `dist/`; from source, each entry is its own file. */
export function productPaths(): ProductPaths {
  const here = import.meta.dirname;
  const bundled = join(here, 'storeThread.js');
  if (existsSync(bundled)) {
    return {
      storeThread: bundled,
      inferenceWorker: join(here, 'inferenceWorker.js'),
      trainer: join(dirname(here), 'trainer'),
    };
  }
  const source = dirname(here);
  return {
    storeThread: join(source, 'adapters', 'store', 'thread.ts'),
    inferenceWorker: join(source, 'adapters', 'inference', 'worker.ts'),
    trainer: join(dirname(dirname(source)), 'trainer'),
  };
}
