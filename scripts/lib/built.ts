// Read before anything is installed: it imports no package.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildInputs } from './buildInputs.mjs';
import { root } from './paths.mjs';
import { stamp } from './stamp.mjs';
import { webviewEntries } from './webviewBuild.mjs';

/** Entry points of the product: name in dist/, source. Natives stay outside the bundles. */
export const entries = {
  cli: 'extension/src/cli/entry.ts',
  storeThread: 'extension/src/adapters/store/thread.ts',
  datasetReader: 'extension/src/adapters/files/reader/reader.ts',
  inferenceWorker: 'extension/src/adapters/inference/onnx/worker.ts',
  metricThread: 'extension/src/adapters/plugins/thread.ts',
  selectionThread: 'extension/src/adapters/selection/thread.ts',
  background: 'extension/src/composition/backgroundEntry.ts',
  previewWorker: 'extension/src/adapters/previews/previewWorker.ts',
};

function outputs() {
  return [
    ...Object.keys(entries).map((name) => `${name}.js`),
    'extension.js',
    ...Object.keys(webviewEntries).map((name) => join('webview', `${name}.js`)),
  ].map((name) => join(root, 'dist', name));
}

/** Remembers what dist/ was made of. */
export function builtStamp() {
  return stamp(join(root, 'dist', '.build-stamp'), buildInputs());
}

/** Whether dist/ is what the sources, the packages and the build scripts of now make. */
export function isBuilt() {
  return outputs().every(existsSync) && builtStamp().isFresh();
}
