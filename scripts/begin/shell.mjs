import { spawn, spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { node, root } from './paths.mjs';

/** The environment of every step: the project's Node first on the PATH, one thread library rule, no colour codes in logs. */
export function environment(extra = {}) {
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`, ...extra };
}

/**
 * Runs a command to its end, its output shown.
 * @param options.report gets the reason when it cannot be started.
 * @param options.handOn signals that are the command's to answer, not this process's.
 * @param options.started gets the process.
 * @returns the exit code.
 */
export function run(command, args, { report = console.error, handOn = [], started = () => {}, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      ...options,
      env: options.env ?? environment(),
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

/** Runs a command and returns what it printed, or null when it failed. */
export function output(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** Ends the process with sentences instead of a stack trace. */
export function fail(...sentences) {
  for (const sentence of sentences) console.error(sentence);
  process.exit(1);
}

/**
 * Says what is being done, and every 20 seconds that it still is. Not to the standard output, which is that of the command:
 * the first `npm run al -- status --json` installs and builds, and still prints JSON alone.
 * @param progress says in a few words how far it is.
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
