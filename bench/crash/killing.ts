import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ended {
  readonly killed: boolean;
  readonly exitCode: number | null;
  readonly output: string;
}

/** A process that does not end by itself after this is killed: a hang is a fault too. */
const longestMs = 60_000;

interface RunOptions {
  readonly onStart?: (pid: number) => void;
  readonly onOutput?: (pid: number) => void;
  readonly patienceMs?: number;
}

function run(command: string, args: readonly string[], cwd: string, options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-20_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.stdout.once('data', () => options.onOutput?.(child.pid ?? 0));
    const hang = setTimeout(() => killGroup(child.pid), options.patienceMs ?? longestMs);
    child.on('close', (exitCode, signal) => {
      clearTimeout(hang);
      resolve({ killed: signal === 'SIGKILL' || exitCode === 137, exitCode, output });
    });
    if (child.pid !== undefined) options.onStart?.(child.pid);
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined && pid > 1) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Runs a program and kills it, with everything that it started, after some milliseconds. */
export function killAfter(ms: number, command: string, args: readonly string[], cwd: string): Promise<Ended> {
  return run(command, args, cwd, { onStart: (pid) => void sleep(ms).then(() => killGroup(pid)) });
}

/** As `killAfter`, counted from the first line that the program prints: a busy machine takes its time until then. */
export function killOnceReady(ms: number, command: string, args: readonly string[], cwd: string): Promise<Ended> {
  return run(command, args, cwd, { onOutput: (pid) => void sleep(ms).then(() => killGroup(pid)) });
}

/** Runs a program to its end. */
export function runToEnd(
  command: string,
  args: readonly string[],
  cwd: string,
  patienceMs = longestMs,
): Promise<Ended> {
  return run(command, args, cwd, { patienceMs });
}

/** Whether programs can be stopped at a system call here: strace is there and may trace. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
}

/** Runs a program that is killed at its n-th call of a system call, of those on `paths` if any are given. */
export function killAtCall(
  call: string,
  n: number,
  command: string,
  args: readonly string[],
  cwd: string,
  paths: readonly string[] = [],
): Promise<Ended> {
  return run('strace', traced(call, `signal=KILL:when=${n}`, paths, command, args), cwd);
}

/** Runs a program whose n-th call of a system call on one of these paths fails with an error such as `EIO`. */
export function failAtCall(
  call: string,
  error: string,
  n: number,
  paths: readonly string[],
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<Ended> {
  return run('strace', traced(call, `error=${error}:when=${n}`, paths, command, args), cwd);
}

function traced(
  call: string,
  injection: string,
  paths: readonly string[],
  command: string,
  args: readonly string[],
): string[] {
  const where = paths.flatMap((path) => ['-P', path]);
  return [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:${injection}`,
    ...where,
    command,
    ...args,
  ];
}
