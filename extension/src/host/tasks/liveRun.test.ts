import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { currentLease } from '../../adapters/platform/lease.ts';
import type { LaunchCommand } from '../../adapters/training/launcher.ts';
import { isWorking } from './liveRun.ts';

function bench(): { command: LaunchCommand; put: (name: string, value: unknown) => void } {
  const runs = mkdtempSync(join(tmpdir(), 'runs ü-'));
  onTestFinished(() => rmSync(runs, { recursive: true, force: true }));
  const cwd = join(runs, 's1-i1-ab');
  mkdirSync(cwd);
  const command = {
    runId: 's1-i1-ab',
    executable: 'python',
    args: [],
    env: { AL_TRAINER_NONCE: 'n1' },
    cwd,
    logFile: join(cwd, 'trainer.log'),
  };
  return { command, put: (name, value) => writeFileSync(join(cwd, name), JSON.stringify(value)) };
}

const config = { schema: 1, run: 's1-i1-ab', nonce: 'n1' };

test('a run works while the process that its pid file names lives', async () => {
  const { command, put } = bench();
  expect(await isWorking(command)).toBe(false);
  put('config.json', config);
  expect(await isWorking(command)).toBe(false);
  const { pid, startTime } = await currentLease();
  put('pid', { pid, startTime, nonce: 'n1' });
  expect(await isWorking(command)).toBe(true);
});

test('a process that died, was replaced, or belongs to another run is none of it', async () => {
  const { command, put } = bench();
  put('config.json', config);
  const { pid, startTime } = await currentLease();
  put('pid', { pid, startTime: '12', nonce: 'n1' });
  expect(await isWorking(command)).toBe(false);
  put('pid', { pid, startTime, nonce: 'n2' });
  expect(await isWorking(command)).toBe(false);
  put('pid', { pid, startTime, nonce: 'n1' });
  expect(await isWorking({ ...command, runId: 's1-i2-cd' })).toBe(false);
  // The nonce of the folder itself proves nothing.
  expect(await isWorking({ ...command, env: {} })).toBe(false);
});

test('a damaged run folder holds no training', async () => {
  const { command, put } = bench();
  put('config.json', 'no config');
  expect(await isWorking(command)).toBe(false);
  rmSync(dirname(command.logFile), { recursive: true });
  expect(await isWorking(command)).toBe(false);
});
