import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const dayMs = 24 * 60 * 60 * 1000;

/** An esbuild plugin that removes the chunks of earlier builds. It keeps those of the last day: an open window may still load them. */
export function removeOldChunks() {
  return {
    name: 'remove-old-chunks',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(({ metafile }) => {
        if (metafile === undefined) return;
        const folder = resolve(build.initialOptions.absWorkingDir ?? '', build.initialOptions.outdir ?? '');
        const current = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
        for (const name of readdirSync(folder)) {
          if (!/^extension-\w+\.js(\.map)?$/.test(name) || current.has(name)) continue;
          const path = join(folder, name);
          if (Date.now() - statSync(path).mtimeMs > dayMs) rmSync(path);
        }
      });
    },
  };
}
