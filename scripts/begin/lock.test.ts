import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './lock.mjs';

let folder = '';
let lock = '';
let diary = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'al-lock-'));
  lock = join(folder, 'locks', 'work');
  diary = join(folder, 'diary');
  writeFileSync(diary, '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const module = pathToFileURL(join(import.meta.dirname, 'lock.mjs')).href;

interface Ended {
  readonly code: number | string | null;
  readonly printed: string;
}

/** A separate process that holds the lock, writes when it begins and ends, and works or dies in between. */
function holder(work: string): { ended: Promise<Ended>; kill(): void } {
  const script = `
    import { appendFileSync } from 'node:fs';
    import { withLock } from '${module}';
    const pause = (ms) => new Promise((done) => setTimeout(done, ms));
    const write = (line) => appendFileSync(${JSON.stringify(diary)}, line + '\\n');
    await withLock(${JSON.stringify(lock)}, 'doing the work', async () => {
      write('begin'); ${work}; write('end');
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = new Promise<Ended>((done) =>
    child.on('close', (code, signal) => done({ code: code ?? signal, printed })),
  );
  return { ended, kill: () => void child.kill('SIGKILL') };
}

const lines = (): string[] => readFileSync(diary, 'utf8').trim().split('\n');

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((done) => setTimeout(done, 20));
}

it('of many processes one works at a time, the others say what they wait for, and nothing is left', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => holder('await pause(250)').ended));
  expect(all.map(({ code }) => code)).toEqual(Array.from({ length: 8 }, () => 0));
  expect(lines()).toEqual(Array.from({ length: 8 }, () => ['begin', 'end']).flat());
  const waited = all.filter(({ printed }) => printed !== '');
  expect(waited.length).toBeGreaterThan(0);
  for (const { printed } of waited) expect(printed).toBe('> Waiting for another process: doing the work\n');
  expect(readdirSync(join(folder, 'locks'))).toEqual([]);
});

it('a killed owner holds nothing, also where many take its place at once', async () => {
  const killed = holder('await pause(60_000)');
  await until(() => lines().includes('begin'));
  const others = Array.from({ length: 6 }, () => holder('await pause(100)').ended);
  await new Promise((done) => setTimeout(done, 500));
  expect(lines()).toEqual(['begin']);
  killed.kill();
  expect((await killed.ended).code).toBe('SIGKILL');
  expect((await Promise.all(others)).map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(lines().slice(1)).toEqual(Array.from({ length: 6 }, () => ['begin', 'end']).flat());
});

it.each([
  [
    'whose id another process has now',
    JSON.stringify({ pid: process.pid, started: 'long ago', folder: 'work-before' }),
  ],
  ['that a power cut left half written', ''],
])('an owner %s holds nothing', async (_what, owner) => {
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, 'owner.json'), owner);
  expect(await withLock(lock, 'doing the work', async () => 'done')).toBe('done');
  expect(existsSync(lock)).toBe(false);
});

it('work that fails gives the lock back', async () => {
  await expect(
    withLock(lock, 'doing the work', async () => {
      appendFileSync(diary, 'failed\n');
      throw new Error('No.');
    }),
  ).rejects.toThrow('No.');
  expect(await withLock(lock, 'doing the work', async () => 'done')).toBe('done');
  expect(readdirSync(join(folder, 'locks'))).toEqual([]);
});
