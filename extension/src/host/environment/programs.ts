import { execFile, spawn } from 'node:child_process';

export interface ProgramEnd {
  /** Null when the program could not be started or was ended by a signal. */
  readonly exitCode: number | null;
  /** The end of what it printed, both streams. */
  readonly tail: string;
}

const tailLength = 20_000;
const killAfterMs = 5000;

/** Runs a program to its end, line by line; `signal` ends it. Never rejects. */
export function runProgram(
  command: string,
  args: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    let tail = '';
    let rest = '';
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const take = (chunk: string): void => {
      tail = (tail + chunk).slice(-tailLength);
      const lines = (rest + chunk).split(/\r?\n|\r/);
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const stop = (): void => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), killAfterMs).unref();
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const end = (exitCode: number | null, reason = ''): void => {
      signal.removeEventListener('abort', stop);
      if (rest !== '') onLine(rest);
      resolve({ exitCode, tail: tail + reason });
    };
    child.on('error', (error) => end(null, error.message));
    child.on('close', (code) => end(code));
  });
}

/** What a program prints when asked something short; undefined when it is not there or fails. */
export function ask(command: string, args: readonly string[], timeoutMs = 20_000): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: timeoutMs, windowsHide: true }, (error, stdout) => {
      resolve(error === null ? stdout.trim() : undefined);
    });
  });
}
