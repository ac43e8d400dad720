import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WindowActions } from './windowProcess.ts';

/** A workspace as one more editor window has it open: in a process of its own. */
export interface WindowProcess {
  readonly pid: number;
  /** Asks it to do something. @throws Error with the stack of what it threw there. */
  ask<Name extends keyof WindowActions>(
    action: Name,
    ...values: Parameters<WindowActions[Name]>
  ): ReturnType<WindowActions[Name]>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

export interface WindowOptions {
  readonly folder: string;
  readonly python?: string;
  /** Trainings are never started, as by an editor whose page is gone. */
  readonly stuck?: boolean;
  /** Models never answer, as on a large validation set: an iteration stays in its evaluation. */
  readonly silent?: boolean;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Opens a window; whoever opens it kills it. */
export async function openWindow({
  folder,
  python = '',
  stuck = false,
  silent = false,
}: WindowOptions): Promise<WindowProcess> {
  const script = join(import.meta.dirname, 'windowProcess.ts');
  const child = fork(script, [folder, python, stuck ? 'stuck' : '', silent ? 'silent' : ''], {
    execArgv: [],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let asked = 0;
  const ready = once(child, 'message');
  child.on('message', ({ id, value, error }: Answer) => {
    const question = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) question?.resolve(value);
    else question?.reject(new Error(error));
  });
  const ended = once(child, 'exit').then(() => {
    for (const { reject } of waiting.values()) reject(new Error('The window is gone.'));
  });
  await Promise.race([ready, ended]);
  return {
    pid: pidOf(child),
    ask: ((action: string, ...values: readonly unknown[]) => {
      const id = ++asked;
      child.send({ id, action, values });
      return new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
    }) as WindowProcess['ask'],
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function pidOf({ pid, exitCode }: ChildProcess): number {
  if (pid === undefined || exitCode !== null) throw new Error('The window did not open.');
  return pid;
}
