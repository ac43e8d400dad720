import { execFile, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { childEnvironment } from '../../adapters/platform/childEnvironment.ts';

export interface ProgramEnd {
  /** Null when the program could not be started or was ended by a signal. */
  readonly exitCode: number | null;
  /** The end of what it printed, both streams. */
  readonly tail: string;
}

const tailLength = 20_000;

/**
 * Runs a program to its end, line by line; `signal` ends it with everything that it started. Never rejects.
 * @param cwd a folder of ours: Python imports from the current one.
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
    // Each stream has lines of its own: a half line of one must not swallow the beginning of the other's.
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
    const stop = (): void => void endTree(child.pid);
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

/** At once: what it was making is removed anyway, and none of its children may go on making it. */
async function endTree(pid: number | undefined): Promise<void> {
  const { killTree } = await import('../../adapters/platform/processTree.ts');
  if (pid !== undefined) await killTree(pid);
}

/**
 * What a program prints when asked something short; undefined when it is not there or fails.
 * @param cwd as with `runProgram`.
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
