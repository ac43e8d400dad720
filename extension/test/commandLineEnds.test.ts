import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { al } from './support/commandLine.ts';

const entry = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'al-ends-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A dataset whose check takes long enough to be stopped. */
function manyImages(count: number): string {
  mkdirSync(join(folder, 'images'));
  for (let i = 0; i < count; i++) writeFileSync(join(folder, 'images', `${i}.jpg`), 'no image');
  writeFileSync(join(folder, 'data.yaml'), 'train: images\nnames: [a]\n');
  return join(folder, 'data.yaml');
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

function start(...args: readonly string[]): { child: ChildProcess; said: () => string; ended: Promise<Ended> } {
  const env = { ...process.env, NODE_NO_WARNINGS: '1' };
  const child = spawn(process.execPath, [entry, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stderr }));
  });
  return { child, said: () => stderr, ended };
}

async function until(met: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !met(); i++) await sleep(50);
  expect(met()).toBe(true);
}

describe.skipIf(process.platform === 'win32')('the command line', () => {
  // One test, since making the images takes longer than what is tested.
  test('stops at a safe point on SIGINT, SIGTERM and SIGHUP', { timeout: 120_000 }, async () => {
    const yaml = manyImages(6000);
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      const { child, said, ended } = start('validate', '--data', yaml);
      await until(() => said().includes('%'));
      child.kill(signal);
      expect(await ended).toMatchObject({ code, signal: null, stderr: expect.stringContaining('Stopping') });
    }
  });

  test('ends at once on the second SIGTERM, whatever it waits for', { timeout: 60_000 }, async () => {
    // A program that never ends by itself, and does not look at the signal.
    const script = `
      import { stopOnSignals } from ${JSON.stringify(join(import.meta.dirname, '..', 'src', 'cli', 'signals.ts'))};
      stopOnSignals((text) => console.error(text));
      console.error('ready');
      setInterval(() => {}, 1000);`;
    const file = join(folder, 'waits.mts');
    writeFileSync(file, script);
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    const ended = new Promise((resolve) => child.on('close', resolve));
    await until(() => said.includes('ready'));
    child.kill('SIGTERM');
    await until(() => said.includes('Stopping'));
    await sleep(100);
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
  });

  test('ends quietly when nobody reads on', { timeout: 60_000 }, async () => {
    const { child, ended } = start('--help');
    child.stdout?.destroy();
    const { code, signal, stderr } = await ended;
    expect([code, signal, stderr]).toEqual([0, null, '']);
    const list = start('validate', '--data', manyImages(500), '--json');
    list.child.stdout?.destroy();
    list.child.stderr?.destroy();
    expect([0, 1, 141]).toContain((await list.ended).code);
  });

  test(
    'words what the system refuses, and shows no stack unless it is asked for one',
    { timeout: 60_000 },
    async () => {
      writeFileSync(join(folder, '.active-learning'), 'a file');
      const { all, exitCode } = await al(folder, 'list');
      expect(exitCode).toBe(1);
      expect(all).toContain(join(folder, '.active-learning'));
      expect(all).toContain('What to do: ');
      expect(all).not.toMatch(/\n\s+at |node:internal|errno/u);
    },
  );

  test('words an error that nobody caught', { timeout: 60_000 }, () => {
    const script = `process.argv.splice(2, 9, '--help'); setTimeout(() => { void Promise.reject(new Error('odd')); });
      await import(${JSON.stringify(entry)}); setTimeout(() => {}, 5000);`;
    const file = join(folder, 'odd.mts');
    writeFileSync(file, script);
    const env = { ...process.env, NODE_NO_WARNINGS: '1' };
    const run = (extra: Record<string, string>): string => {
      try {
        execFileSync(process.execPath, [file], { env: { ...env, ...extra }, encoding: 'utf8', stdio: 'pipe' });
        return 'ended well';
      } catch (error) {
        return String((error as { stderr?: unknown }).stderr);
      }
    };
    const plain = run({});
    expect(plain).toMatch(/Error \(unexpected\): odd\n.*What to do: .*\n.*AL_DEBUG=1/u);
    expect(plain).not.toMatch(/\n\s+at /u);
    expect(run({ AL_DEBUG: '1' })).toMatch(/\n\s+at /u);
  });
});
