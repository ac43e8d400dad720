import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildInputs } from './buildInputs.ts';
import { root } from '../begin/paths.mjs';
import { stamp, type Stamp } from './stamp.ts';
import { webviewEntries } from './webviewBuild.ts';

/** Entry points of the product: name in dist/, source. Natives stay outside the bundles. */
export const entries = {
  cli: 'extension/src/cli/entry.ts',
  storeThread: 'extension/src/adapters/store/thread.ts',
  datasetReader: 'extension/src/adapters/files/reader/reader.ts',
  inferenceWorker: 'extension/src/adapters/inference/onnx/worker.ts',
  scorePluginThread: 'extension/src/adapters/plugins/thread.ts',
  selectionThread: 'extension/src/adapters/selection/thread.ts',
  background: 'extension/src/composition/backgroundEntry.ts',
  previewWorker: 'extension/src/adapters/previews/previewWorker.ts',
  thumbnailWorker: 'extension/src/adapters/previews/thumbnailWorker.ts',
};

function outputs(): string[] {
  return [
    ...Object.keys(entries).map((name) => `${name}.js`),
    'extension.js',
    ...Object.keys(webviewEntries).map((name) => join('webview', `${name}.js`)),
  ].map((name) => join(root, 'dist', name));
}

/** Remembers what dist/ was made of. */
export function builtStamp(): Stamp {
  return stamp(join(root, 'dist', '.build-stamp'), buildInputs());
}

/** Whether dist/ is what the sources, the packages and the build scripts of now make. */
export function isBuilt(): boolean {
  return outputs().every((path) => existsSync(path)) && builtStamp().isFresh();
}
