import type { BuildOptions } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../begin/paths.mjs';
import { removeOldChunks } from './oldChunks.ts';

const sources = 'webview/src';

/** Entry points of the pages: name in dist/webview/, source. A folder with a main.tsx is a page. */
export const webviewEntries: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(join(root, sources))
    .filter((name) => existsSync(join(root, sources, name, 'main.tsx')))
    .map((name) => [name, `${sources}/${name}/main.tsx`]),
);

/**
 * esbuild options for the pages: dist/webview/<name>.js with its <name>.css, and the icon font beside them. The pages are
 * ES modules: what two of them import, such as React, is in a shared-<hash>.js.
 * @param entries those to build, by name.
 */
export function webviewBuild(entries: Readonly<Record<string, string>> = webviewEntries): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
    outdir: 'dist/webview',
    bundle: true,
    platform: 'browser',
    format: 'esm',
    splitting: true,
    chunkNames: 'shared-[hash]',
    // The engine of the oldest VS Code that the extension accepts (1.101: Electron 35).
    target: 'chrome134',
    jsx: 'automatic',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    // The style sheet asks for `codicon.ttf?<hash>`; the file keeps its name.
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    legalComments: 'external',
    plugins: [removeOldChunks('shared', 0)],
    logLevel: 'warning',
  };
}
