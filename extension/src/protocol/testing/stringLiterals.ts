import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';

const root = join(import.meta.dirname, '..', '..', '..', '..');

/** The string literals in the code of a folder of sources, without those of comments, types and tests. */
export function stringLiterals(folder: string): ReadonlySet<string> {
  const files = globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }).filter((file) => !/\.test\.|testing/.test(file));
  const code = files.map((file) => {
    const loader = file.endsWith('x') ? 'tsx' : 'ts';
    return transformSync(readFileSync(join(root, file), 'utf8'), { loader, charset: 'utf8' }).code;
  });
  const literals = code.join('\n').matchAll(/"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/g);
  return new Set([...literals].map((match) => match[1] ?? match[2] ?? ''));
}
