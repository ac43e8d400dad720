// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { node, root } from './paths.mjs';

/**
 * The environment of every step: the project's Node is first on the PATH.
 * @param {NodeJS.ProcessEnv} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(extra = {}) {
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`, ...extra };
}

/**
 * @typedef {object} RunExtras
 * @property {(reason: string) => void} [report] gets the reason if the command cannot be started.
 * @property {readonly NodeJS.Signals[]} [handOn] signals for the command to answer, not for this process.
 * @property {(child: import('node:child_process').ChildProcess) => void} [started] gets the process.
 */

/**
 * Runs a command to its end and shows its output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions & RunExtras} [options]
 * @returns {Promise<number>} the exit code.
 */
export function run(command, args, options = {}) {
  const { report = console.error, handOn = [], started = () => {}, ...rest } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      ...rest,
      env: rest.env ?? environment(),
    });
    for (const signal of handOn) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      report(error.message);
      resolve(127);
    });
    child.on('close', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
    if (child.pid !== undefined) started(child);
  });
}

/**
 * Runs a command and returns what it printed, or null if it failed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Omit<import('node:child_process').SpawnSyncOptionsWithStringEncoding, 'encoding'>} [options]
 * @returns {string | null}
 */
export function output(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, ...options, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : null;
}

/**
 * Ends the process with sentences instead of a stack trace.
 * @param {...string} sentences
 * @returns {never}
 */
export function fail(...sentences) {
  for (const sentence of sentences) console.error(sentence);
  process.exit(1);
}

/**
 * Reports what a step does, and every 20 seconds that it still runs. Not to the standard output, which is that of the
 * command: the first `npm run al -- status --json` installs and builds, and still prints JSON alone.
 * @template Result
 * @param {string} title
 * @param {() => Result | Promise<Result>} work
 * @param {() => string} [progress] how far it is, in a few words.
 * @returns {Promise<Result>}
 */
export async function step(title, work, progress = () => '') {
  const start = Date.now();
  console.error(`> ${title}`);
  const ticker = setInterval(() => {
    const parts = [`${Math.round((Date.now() - start) / 1000)} s`, progress()];
    console.error(`  … ${parts.filter(Boolean).join(', ')}`);
  }, 20_000);
  try {
    return await work();
  } finally {
    clearInterval(ticker);
  }
}
