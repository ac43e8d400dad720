import { root } from './paths.mjs';

/** Entry points of the webviews: name in dist/webview/, source. */
export const webviewEntries = {
  review: 'webview/src/review/main.tsx',
  metrics: 'webview/src/metrics/main.tsx',
};

/**
 * esbuild options for the webviews: dist/webview/<name>.js with its <name>.css, and the icon font beside them. One
 * classic script a page, without chunks, because only the script that carries the nonce may run.
 * @param entries those to build, by name.
 */
export function webviewBuild(entries = webviewEntries) {
  return {
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
    outdir: 'dist/webview',
    bundle: true,
    platform: 'browser',
    format: 'iife',
    // The engine of the oldest VS Code that the extension accepts (1.101: Electron 35).
    target: 'chrome134',
    jsx: 'automatic',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    // The style sheet asks for `codicon.ttf?<hash>`; the file keeps its name.
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    legalComments: 'external',
    logLevel: 'warning',
  };
}
