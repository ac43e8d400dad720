import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commonJsChunks } from './commonJsChunks.mjs';
import { root } from './paths.mjs';
import { webviewBuild, webviewEntries } from './webviewBuild.mjs';

/** Entry points of the product: name in dist/, source. Natives stay outside the bundles. */
export const entries = {
  cli: 'extension/src/cli/entry.ts',
  storeThread: 'extension/src/adapters/store/thread.ts',
  inferenceWorker: 'extension/src/adapters/inference/worker.ts',
  metricThread: 'extension/src/adapters/plugins/thread.ts',
  selectionThread: 'extension/src/adapters/selection/thread.ts',
  previewWorker: 'extension/src/host/panels/previewWorker.ts',
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

/**
 * esbuild options for the extension itself: dist/extension.cjs, which activation loads, and pieces beside it for what
 * the code imports dynamically.
 */
export function extensionBuild() {
  return {
    absWorkingDir: root,
    entryPoints: [{ in: 'extension/src/host/activate.ts', out: 'extension' }],
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    // Flat: code finds the other files of dist/ from where it lies itself.
    chunkNames: 'extension-[hash]',
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting: true,
    write: false,
    plugins: [commonJsChunks()],
    target: 'node22',
    sourcemap: true,
    minifySyntax: true,
    minifyWhitespace: true,
    external,
    // zod looks for Cloudflare through `navigator`, which VS Code reports as an error of the extension.
    define: { 'import.meta.dirname': '__dirname', navigator: 'undefined' },
    logLevel: 'warning',
  };
}

/** Every build of the product: the programs of Node, the extension, and the pages. */
export function builds() {
  return [nodeBuild(), extensionBuild(), webviewBuild()];
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
  const names = [
    ...Object.keys(entries).map((name) => `${name}.js`),
    'extension.cjs',
    ...Object.keys(webviewEntries).map((name) => join('webview', `${name}.js`)),
  ];
  const outputs = names.map((name) => join(root, 'dist', name));
  if (!outputs.every(existsSync)) return false;
  const oldest = Math.min(...outputs.map((path) => statSync(path).mtimeMs));
  return oldest > newest(join(root, 'extension', 'src')) && oldest > newest(join(root, 'webview', 'src'));
}
