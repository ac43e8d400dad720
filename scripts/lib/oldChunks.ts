import type { Plugin } from 'esbuild';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/**
 * An esbuild plugin that removes the chunks of earlier builds: a changed chunk has a new name.
 * @param name the first part of the chunks' names.
 * @param keepMs keeps chunks that are younger, because an open window may still load them.
 */
export function removeOldChunks(name: string, keepMs: number): Plugin {
  return {
    name: 'remove-old-chunks',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(({ metafile }) => {
        if (metafile === undefined) return;
        const folder = resolve(build.initialOptions.absWorkingDir ?? '', build.initialOptions.outdir ?? '');
        const current = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
        for (const file of readdirSync(folder)) {
          if (!new RegExp(`^${name}-\\w+\\.js`).test(file) || current.has(file)) continue;
          const path = join(folder, file);
          if (Date.now() - statSync(path).mtimeMs >= keepMs) rmSync(path);
        }
      });
    },
  };
}
