import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

/** Entry points of the product: name in dist/, source. Natives stay outside the bundles. */
export const entries = {
  cli: 'extension/src/cli/entry.ts',
  storeThread: 'extension/src/adapters/store/thread.ts',
  inferenceWorker: 'extension/src/adapters/inference/worker.ts',
};

export const external = ['better-sqlite3', 'onnxruntime-node', 'sharp', 'vscode'];

/** esbuild options for the Node side; ESM, so `require` of bundled CommonJS packages needs the banner. */
export function nodeBuild() {
  return {
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    sourcemap: true,
    external,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  };
}

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return time;
}

/** Whether dist/ is newer than every source. */
export function isBuilt() {
  const outputs = Object.keys(entries).map((name) => join(root, 'dist', `${name}.js`));
  if (!outputs.every(existsSync)) return false;
  const oldest = Math.min(...outputs.map((path) => statSync(path).mtimeMs));
  return oldest > newest(join(root, 'extension', 'src'));
}
