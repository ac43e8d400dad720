import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './files.mjs';
import { root } from './paths.mjs';
import { installInputs } from './stamp.mjs';

const sourceFolders = ['extension/src', 'extension/plugin', 'webview/src'];

/** What is bundled beside the sources, and what bundles them. */
const files = [
  'package-lock.json',
  'tsconfig.json',
  'scripts/lib/build.mjs',
  'scripts/lib/built.mjs',
  'scripts/lib/webviewBuild.mjs',
  'scripts/lib/oldChunks.mjs',
];

/**
 * Everything that decides what a build makes, as texts: a new package or another way of building counts as much as a
 * changed source, and a file that is only newer does not count.
 */
export function buildInputs(folder = root) {
  const read = (path) => `${path}\n${readFileSync(join(folder, path), 'utf8')}`;
  const sources = sourceFolders.flatMap((part) =>
    filesBelow(join(folder, part))
      .map((name) => `${part}/${name}`)
      .filter((path) => /\.\w+$/.test(path) && !/\.test\.|\.onnx$/.test(path)),
  );
  return [installInputs(readFileSync(join(folder, 'package.json'), 'utf8')), ...[...files, ...sources].map(read)];
}
