import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const literal = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/g;

function literalsIn(code: string): string[] {
  return [...code.matchAll(literal)].map((match) => match[1] ?? match[2] ?? '');
}

/** The code between the parenthesis at `start` and its partner. */
function argumentsFrom(code: string, start: number): string {
  let depth = 0;
  for (let end = start; end < code.length; end++) {
    if (code[end] === '(') depth++;
    if (code[end] === ')' && --depth === 0) return code.slice(start, end);
  }
  return code.slice(start);
}

/**
 * The texts that a TypeScript file shows: literals in calls of `t` and `plural`, and in constant tables of the type of
 * texts, or of an interface that has a field of this type. The same word elsewhere, such as the id of a verdict, does
 * not count.
 * @param type the name of the type of texts, such as `ReviewString`.
 */
export function usedTexts(source: string, type: string): string[] {
  const { code } = transformSync(source, { loader: 'tsx', jsx: 'automatic', charset: 'utf8' });
  const calls = [...code.matchAll(/\b(?:t|plural)(?=\()/g)].map(({ index, 0: name }) =>
    argumentsFrom(code, index + name.length),
  );
  const interfaces = [...source.matchAll(new RegExp(`interface (\\w+) \\{[^}]*\\b${type}\\b[^}]*\\}`, 'g'))];
  const types = [type, ...interfaces.map(([, name = '']) => name)].join('|');
  const table = new RegExp(`^(?:export )?const \\w+:[^=]*\\b(?:${types})\\b[^=]*= [[{]$[^]*?^[\\]}]`, 'gm');
  return [...calls, ...[...source.matchAll(table)].map(([text]) => text)].flatMap(literalsIn);
}

/** The texts that the sources of a folder show, without tests. */
export function usedTextsIn(folder: string, type: string): ReadonlySet<string> {
  const files = globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }).filter((file) => !/\.test\.|testing/.test(file));
  return new Set(files.flatMap((file) => usedTexts(readFileSync(join(root, file), 'utf8'), type)));
}
