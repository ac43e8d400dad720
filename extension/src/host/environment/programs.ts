import { execFile, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { childEnvironment } from '../../adapters/platform/childEnvironment.ts';
import { killTree } from '../../adapters/platform/processTree.ts';

export interface ProgramEnd {
  /** Null if the program could not be started or was killed by a signal. */
  readonly exitCode: number | null;
  /** The end of its output, both streams. */
  readonly tail: string;
}

const tailLength = 20_000;

/**
 * Runs a program and passes on its output line by line. `signal` kills it with its child processes. Never rejects.
 * @param cwd a trusted folder, since Python imports modules from the current one.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  cwd: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    let tail = '';
    const child = spawn(command, args, {
      cwd,
      env: childEnvironment('install'),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    // Splits each stream separately, so that incomplete lines are not mixed.
    const follow = (stream: Readable): (() => void) => {
      let rest = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        tail = (tail + chunk).slice(-tailLength);
        const lines = (rest + chunk).split(/\r?\n|\r/);
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      });
      return () => {
        if (rest !== '') onLine(rest);
      };
    };
    const flush = [follow(child.stdout), follow(child.stderr)];
    // Immediately: its files are deleted anyway, and no child process may go on writing them.
    const stop = (): void => {
      if (child.pid !== undefined) void killTree(child.pid);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const end = (exitCode: number | null, reason = ''): void => {
      signal.removeEventListener('abort', stop);
      for (const last of flush) last();
      resolve({ exitCode, tail: tail + reason });
    };
    child.on('error', (error) => end(null, error.message));
    child.on('close', (code) => end(code));
  });
}

/**
 * The output of a short program; undefined if it does not exist or fails.
 * @param cwd see `runProgram`.
 */
export function ask(
  command: string,
  args: readonly string[],
  cwd: string,
  timeoutMs = 20_000,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { cwd, env: childEnvironment('install'), timeout: timeoutMs, windowsHide: true };
    execFile(command, [...args], options, (error, stdout) => {
      resolve(error === null ? stdout.trim() : undefined);
    });
  });
}
