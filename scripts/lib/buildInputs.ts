import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './files.ts';
import { root } from '../begin/paths.mjs';
import { installInputs } from './stamp.ts';

const sourceFolders = ['extension/src', 'extension/plugin', 'webview/src'];

/** What is bundled beside the sources, and what bundles them. */
const files = [
  'package-lock.json',
  'tsconfig.json',
  'scripts/lib/build.ts',
  'scripts/lib/built.ts',
  'scripts/lib/webviewBuild.ts',
  'scripts/lib/oldChunks.ts',
];

/**
 * Everything that decides what a build makes, as texts: a new package or another way of building counts as much as a
 * changed source, and a file that is only newer does not count.
 */
export function buildInputs(folder: string = root): string[] {
  const read = (path: string): string => `${path}\n${readFileSync(join(folder, path), 'utf8')}`;
  const sources = sourceFolders.flatMap((part) =>
    filesBelow(join(folder, part))
      .map((name) => `${part}/${name}`)
      .filter((path) => /\.\w+$/.test(path) && !/\.test\.|\.onnx$/.test(path)),
  );
  return [installInputs(readFileSync(join(folder, 'package.json'), 'utf8')), ...[...files, ...sources].map(read)];
}
