import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildInputs } from './buildInputs.mjs';
import { commonJsChunks } from './commonJsChunks.mjs';
import { root } from './paths.mjs';
import { stamp } from './stamp.mjs';
import { webviewBuild, webviewEntries } from './webviewBuild.mjs';

/** Entry points of the product: name in dist/, source. Natives stay outside the bundles. */
export const entries = {
  cli: 'extension/src/cli/entry.ts',
  storeThread: 'extension/src/adapters/store/thread.ts',
  datasetReader: 'extension/src/adapters/files/reader.ts',
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

function outputs() {
  return [
    ...Object.keys(entries).map((name) => `${name}.js`),
    'extension.cjs',
    ...Object.keys(webviewEntries).map((name) => join('webview', `${name}.js`)),
  ].map((name) => join(root, 'dist', name));
}

function builtStamp() {
  return stamp(join(root, 'dist', '.build-stamp'), buildInputs());
}

/** Whether dist/ is what the sources, the packages and the build scripts of now make. */
export function isBuilt() {
  return outputs().every(existsSync) && builtStamp().isFresh();
}

/** Builds everything into dist/. */
export async function buildAll() {
  // Loaded here: whoever only asks whether something is to be built may have no packages yet.
  const { build } = await import('esbuild');
  // Taken before: what is changed while it builds is built the next time.
  const done = builtStamp();
  await Promise.all(builds().map((options) => build(options)));
  done.set();
}
