// @ts-check
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { run } from './shell.mjs';

/**
 * @typedef {object} StepLog
 * @property {string} path
 * @property {() => string} text
 * @property {(command: string, args: readonly string[], options?: import('node:child_process').SpawnOptions) => Promise<number>} run
 *   Runs a command to its end, and settles with its exit code.
 * @property {() => string} ending What a person needs after a failure: the last lines, and the path of the log.
 */

/**
 * Begins the log of one step. What its commands print goes there; the terminal gets only the last lines, if a command fails.
 * @param {string} name of the file, without its extension.
 * @returns {StepLog}
 */
export function beginLog(name) {
  const folder = join(root, '.cache', 'logs');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.log`);
  closeSync(openSync(path, 'w'));
  const text = () => readFileSync(path, 'utf8');
  return {
    path,
    text,
    async run(command, args, options = {}) {
      const file = openSync(path, 'a');
      try {
        const report = (/** @type {string} */ line) => writeSync(file, `${line}\n`);
        writeSync(file, `$ ${[command, ...args].join(' ')}\n`);
        return await run(command, args, { ...options, stdio: ['ignore', file, file], report });
      } finally {
        closeSync(file);
      }
    },
    ending() {
      const lines = text()
        .split('\n')
        .filter((line) => line.trim() !== '');
      return `${lines
        .slice(-12)
        .map((line) => `  ${line}`)
        .join('\n')}\nAll that was printed is in ${path}`;
    },
  };
}
