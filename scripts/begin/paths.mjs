// @ts-check
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Keep two commands from doing the same in this checkout at once. */
export const locks = join(root, '.cache', 'locks');
export const windows = process.platform === 'win32';

/** The project's own Node 24, from the npm package `node`. */
export const node = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
export const venv = join(root, 'trainer', '.venv');
export const python = join(venv, windows ? 'Scripts/python.exe' : 'bin/python');

/**
 * The path of a tool that npm installed, as a JavaScript file or a program.
 * @param {string} name
 */
export function tool(name) {
  const path = join(root, 'node_modules', '.bin', windows ? `${name}.cmd` : name);
  if (!existsSync(path)) throw new Error(`${name} is not installed. Run "npm run setup".`);
  return path;
}
