import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { TrainingError } from '../../core/session/errors.ts';
import type { Background } from '../../workflow/ports/background.ts';
import type { Trainer } from '../../workflow/ports/trainer.ts';
import { createBackground, type BackgroundOptions } from './createBackground.ts';

const workerPath = join(import.meta.dirname, 'fixtures', 'fakeBackground.mjs');
const setup = { folder: '/somewhere', python: undefined, scorePlugins: true };
/** No method may be called, unless a test provides it. */
const trainer = {} as Trainer;

let background: Background | undefined;
afterEach(() => background?.close());

function open(options: Partial<BackgroundOptions> = {}): Background {
  background = createBackground({ workerPath, setup, ...options });
  return background;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('each piece of work runs in a separate process, which exits afterwards', async () => {
  const { run } = open();
  const work = (text: string): Promise<unknown> =>
    run({ name: 'echo', args: [text, { deep: [1, null] }] }, { trainer });
  const results = (await Promise.all([work('one'), work('two')])) as { pid: number }[];
  expect(results).toMatchObject([
    { args: ['one', { deep: [1, null] }], setup },
    { args: ['two', { deep: [1, null] }], setup },
  ]);
  const pids = results.map(({ pid }) => pid);
  expect(new Set([...pids, process.pid]).size).toBe(3);
  expect(pids.map(isAlive)).toEqual([false, false]);
});

test('a process that crashes fails its work with its last line of output', async () => {
  await expect(open().run({ name: 'die', args: [] }, { trainer })).rejects.toMatchObject({
    code: 'process-died',
    message: 'The process that works in the background ended with exit code 3. It wrote: out of memory',
  });
});

test('an abort before the start forks no process', async () => {
  const signal = AbortSignal.abort();
  await expect(open().run({ name: 'echo', args: [] }, { trainer, signal })).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('a process that does not stop on request is killed', async () => {
  const abort = new AbortController();
  let pid = 0;
  const report = ({ message }: { message: string }): void => {
    pid = Number(message);
    abort.abort();
  };
  const work = open({ patienceMs: 50 }).run({ name: 'stubborn', args: [] }, { trainer, report, signal: abort.signal });
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  expect(pid).toBeGreaterThan(0);
  expect(isAlive(pid)).toBe(false);
});

test('closing ends work in progress', async () => {
  let pid = 0;
  const opened = open();
  const work = new Promise((resolve, reject) => {
    const report = ({ message }: { message: string }): void => {
      pid = Number(message);
      void opened.close();
    };
    opened.run({ name: 'stubborn', args: [] }, { trainer, report }).then(resolve, reject);
  });
  await expect(work).rejects.toMatchObject({ code: 'process-died' });
  expect(isAlive(pid)).toBe(false);
});

test("the caller's trainer handles calls of the process, including errors", async () => {
  const asked: string[] = [];
  const follow = (result: 'result' | 'error') => async (runId: string) => {
    asked.push(runId);
    if (result === 'error') throw new TrainingError('trainer-died', 'It died.', 'Look at the log.');
    return { status: 'finished' };
  };
  const answerTo = (result: 'result' | 'error'): Promise<unknown> =>
    open().run({ name: 'follow', args: [result] }, { trainer: { follow: follow(result) } as unknown as Trainer });
  expect(await answerTo('result')).toEqual({
    kind: 'answer',
    id: 7,
    outcome: { ok: true, result: { status: 'finished' } },
  });
  expect(await answerTo('error')).toMatchObject({
    outcome: { ok: false, error: { name: 'TrainingError', code: 'trainer-died', hint: 'Look at the log.' } },
  });
  expect(asked).toEqual(['result', 'error']);
});
