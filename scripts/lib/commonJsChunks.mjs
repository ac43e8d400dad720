import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { transform } from 'esbuild';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * An esbuild plugin that writes a build in pieces as CommonJS: esbuild splits ES modules alone, and VS Code loads an
 * extension with `require`. What is imported dynamically is then neither read nor parsed before it is asked for, and
 * every class still exists once. The build has `format: 'esm'`, `splitting: true` and `write: false`.
 */
export function commonJsChunks() {
  return {
    name: 'commonjs-chunks',
    setup(build) {
      const { target, legalComments, sourcemap, minifySyntax, minifyWhitespace, minifyIdentifiers, minify } =
        build.initialOptions;
      // Each piece is mapped once more to the pieces of the first pass: their maps have to come along.
      if (sourcemap) build.initialOptions.sourcemap = 'inline';
      build.onEnd(async ({ errors, outputFiles = [] }) => {
        if (errors.length > 0) return;
        const folder = dirname(outputFiles[0]?.path ?? '.');
        mkdirSync(folder, { recursive: true });
        for (const { path, text } of outputFiles) {
          const { code, map } = await transform(text, {
            format: 'cjs',
            platform: 'node',
            target,
            legalComments,
            minify,
            minifySyntax,
            minifyWhitespace,
            minifyIdentifiers,
            supported: { 'dynamic-import': false },
            sourcemap: sourcemap ? 'external' : false,
            sourcefile: basename(path),
          });
          const link = sourcemap ? `//# sourceMappingURL=${basename(path)}.map\n` : '';
          writeFileSync(path, code + link);
          if (sourcemap) writeFileSync(`${path}.map`, map);
        }
        removeLeftovers(folder, outputFiles);
      });
    },
  };
}

/** Pieces of earlier builds; younger ones may still be asked for by a window that runs. */
function removeLeftovers(folder, outputFiles) {
  const made = new Set(outputFiles.map(({ path }) => basename(path)));
  for (const name of readdirSync(folder)) {
    const piece = /^(extension-\w+\.cjs)(\.map)?$/.exec(name)?.[1];
    if (piece === undefined || made.has(piece)) continue;
    if (Date.now() - statSync(join(folder, name)).mtimeMs > dayMs) rmSync(join(folder, name));
  }
}
