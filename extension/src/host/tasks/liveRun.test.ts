import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { currentLease } from '../../adapters/platform/lease.ts';
import type { LaunchCommand } from '../../adapters/training/launcher.ts';
import { isTrainingAlive } from './liveRun.ts';

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

test('a run is alive while the process in its pid file is alive', async () => {
  const { command, put } = bench();
  expect(await isTrainingAlive(command)).toBe(false);
  put('config.json', config);
  expect(await isTrainingAlive(command)).toBe(false);
  const { pid, startTime } = await currentLease();
  put('pid', { pid, startTime, nonce: 'n1' });
  expect(await isTrainingAlive(command)).toBe(true);
});

test('a process that died, was replaced or belongs to another run does not count', async () => {
  const { command, put } = bench();
  put('config.json', config);
  const { pid, startTime } = await currentLease();
  put('pid', { pid, startTime: '12', nonce: 'n1' });
  expect(await isTrainingAlive(command)).toBe(false);
  put('pid', { pid, startTime, nonce: 'n2' });
  expect(await isTrainingAlive(command)).toBe(false);
  put('pid', { pid, startTime, nonce: 'n1' });
  expect(await isTrainingAlive({ ...command, runId: 's1-i2-cd' })).toBe(false);
  // The nonce of the folder itself proves nothing.
  expect(await isTrainingAlive({ ...command, env: {} })).toBe(false);
});

test('a damaged run folder has no training', async () => {
  const { command, put } = bench();
  put('config.json', 'no config');
  expect(await isTrainingAlive(command)).toBe(false);
  rmSync(dirname(command.logFile), { recursive: true });
  expect(await isTrainingAlive(command)).toBe(false);
});
