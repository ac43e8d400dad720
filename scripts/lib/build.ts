import { build, type BuildOptions } from 'esbuild';
import { join } from 'node:path';
import { builtStamp, entries, isBuilt } from './built.ts';
import { withLock } from '../begin/lock.mjs';
import { removeOldChunks } from './oldChunks.ts';
import { locks, root } from '../begin/paths.mjs';
import { webviewBuild } from './webviewBuild.ts';

const dayMs = 24 * 60 * 60 * 1000;

const external = ['better-sqlite3', 'onnxruntime-node', 'sharp', 'vscode'];

/** esbuild options for the Node side; ESM, so `require` of bundled CommonJS packages needs the banner. */
export function nodeBuild(): BuildOptions {
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
 * esbuild options for the extension itself: dist/extension.js, which activation loads, and chunks beside it for what the
 * code imports dynamically. Node reads a chunk when the code asks for it.
 */
export function extensionBuild(): BuildOptions {
  return {
    ...nodeBuild(),
    entryPoints: [{ in: 'extension/src/host/activate.ts', out: 'extension' }],
    // In one folder, because code finds the other files of dist/ from its own place.
    chunkNames: 'extension-[hash]',
    splitting: true,
    plugins: [removeOldChunks('extension', dayMs)],
    minifySyntax: true,
    minifyWhitespace: true,
    // zod looks for Cloudflare through `navigator`, which VS Code reports as an error of the extension.
    define: { navigator: 'undefined' },
  };
}

/** Every build of the product: the programs of Node, the extension, and the pages. */
export function builds(): BuildOptions[] {
  return [nodeBuild(), extensionBuild(), webviewBuild()];
}

async function buildNow(): Promise<void> {
  // Taken before: what is changed while it builds is built the next time.
  const done = builtStamp();
  // Until it is done, dist/ is nothing that another command may start from.
  done.clear();
  await Promise.all(builds().map((options) => build(options)));
  done.set();
}

const alone = (work: () => Promise<void>): Promise<void> => withLock(join(locks, 'build'), 'building', work);

/** Builds everything into dist/. */
export function buildAll(): Promise<void> {
  return alone(buildNow);
}

/** Builds everything into dist/ if dist/ is out of date. */
export async function ensureBuilt(): Promise<void> {
  if (isBuilt()) return;
  await alone(async () => {
    if (!isBuilt()) await buildNow();
  });
}
