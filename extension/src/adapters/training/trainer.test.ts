import { appendFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent, RunRequest, RunResult, Trainer } from '../../workflow/ports/trainer.ts';
import { currentLease, leaseIsAlive } from '../process/lease.ts';
import { nodeFiles } from './fileOps.ts';
import { fakeLauncher, plan, runRequest, temporaryFolder, writeFakePython, writeImage } from './fixtures/runs.ts';
import { signal } from './processTree.ts';
import { createTrainer, type TrainerOptions } from './trainer.ts';

const runId = 's1-i1-test';
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let request: RunRequest;
let python: string;
const warnings: string[] = [];
const started = new Set<number>();

beforeEach(async () => {
  folder = await temporaryFolder();
  python = await writeFakePython(folder.path);
  const absolutePath = join(folder.path, 'a.png');
  const labelText = await writeImage(absolutePath, 1);
  request = runRequest([{ imageId: 1, absolutePath, labelText, split: 'train' }]);
  warnings.length = 0;
});

afterEach(async () => {
  // A test that failed half-way may have left its process; a pid of ours is one that `start` gave.
  for (const pid of started) signal(pid, 'SIGKILL');
  started.clear();
  await folder.remove();
});

function inRun(...names: string[]): string {
  return join(folder.path, 'runs', runId, ...names);
}

function makeTrainer(behaviour: Record<string, unknown> = {}, change: Partial<TrainerOptions> = {}): Trainer {
  const trainer = createTrainer({
    runsFolder: join(folder.path, 'runs'),
    python,
    trainerFolder: folder.path,
    launcher: fakeLauncher(behaviour),
    onWarning: (message) => warnings.push(message),
    patience: { pollMs: 10, startMs: 20_000, signalAfterMs: 50, killAfterMs: 20_000 },
    ...change,
  });
  return {
    ...trainer,
    start: async (id) => {
      const lease = await trainer.start(id);
      if (await leaseIsAlive(lease)) started.add(lease.pid);
      return lease;
    },
  };
}

async function follow(trainer: Trainer, afterSequence = 0): Promise<{ events: RunEvent[]; result: RunResult }> {
  const events: RunEvent[] = [];
  const result = await trainer.follow(runId, { afterSequence, onEvent: (event) => void events.push(event) });
  return { events, result };
}

async function died(trainer: Trainer, afterSequence = 0): Promise<{ events: RunEvent[]; error: unknown }> {
  const events: RunEvent[] = [];
  const error = await trainer
    .follow(runId, { afterSequence, onEvent: (event) => void events.push(event) })
    .then(() => null)
    .catch((reason: unknown) => reason);
  return { events, error };
}

async function eventually<Value>(read: () => Promise<Value | null>): Promise<Value> {
  for (;;) {
    const value = await read().catch(() => null);
    if (value !== null) return value;
    await sleep(10);
  }
}

const sequences = (events: readonly RunEvent[]): number[] => events.map(({ sequence }) => sequence);
const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('a run from start to result', () => {
  it('hands over every event in order, then the result with absolute paths and the model description', async () => {
    const trainer = makeTrainer({ tidyMs: 100 });
    await trainer.prepare(request);
    expect(await trainer.isAlive(runId)).toBe(false);
    expect(await trainer.result(runId)).toBeNull();
    const lease = await trainer.start(runId);
    expect(lease.pid).toBeGreaterThan(1);
    expect(lease.nonce).toBe(JSON.parse(await readFile(inRun('config.json'), 'utf8')).nonce);
    const { events, result } = await follow(trainer);
    expect(sequences(events)).toEqual(oneTo(1 + 3 * plan.epochs + 1));
    expect(events.map(({ kind }) => kind).slice(0, 4)).toEqual(['started', 'batch', 'epoch', 'metrics']);
    expect(events[2]).toMatchObject({ epoch: 1, epochs: 3, losses: { box_loss: 1 } });
    expect(events.at(-1)).toMatchObject({ kind: 'finished', status: 'finished' });
    expect(result).toEqual({
      status: 'finished',
      weightsPath: inRun('weights', 'best.pt'),
      onnxPath: inRun('weights', 'model.onnx'),
      modelInfo: expect.objectContaining({ head: 'dense', names: ['scratch', 'no', '12:30'], imageSize: 64 }),
      epochsCompleted: 3,
      trainingSeconds: 1.5,
      finalLoss: 2.31,
      optimizer: { name: 'AdamW', learningRate: 0.001 },
      packages: { python: '3.11.7' },
      device: 'cpu',
    });
    expect(await trainer.result(runId)).toEqual(result);
    expect(await trainer.isAlive(runId)).toBe(false);
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'run-over' });
    expect(warnings).toEqual([]);
  });

  it('leaves out what was stored before, and may be followed twice', async () => {
    const trainer = makeTrainer();
    await trainer.prepare(request);
    await trainer.start(runId);
    const [first, second] = await Promise.all([follow(trainer), follow(trainer, 4)]);
    expect(sequences(second.events)).toEqual(sequences(first.events).slice(4));
    const again = await follow(trainer);
    expect(again).toEqual(first);
  });

  it('waits for the end of a torn line, and skips one that is no event with a warning', async () => {
    const trainer = makeTrainer({ tornMs: 15, garbage: '{"sequence": 99, "kind": "ep' });
    await trainer.prepare(request);
    await trainer.start(runId);
    const { events, result } = await follow(trainer);
    expect(sequences(events)).toEqual(oneTo(11));
    expect(result.status).toBe('finished');
    expect(warnings).toEqual([expect.stringContaining('is not JSON and was skipped')]);
  });

  it('gives the failure that the trainer reported', async () => {
    const error = {
      name: 'TrainerError',
      code: 'weights-missing',
      message: 'No x.pt.',
      hint: 'Name a path.',
      where: 'x.pt',
    };
    const trainer = makeTrainer({ error });
    await trainer.prepare(request);
    await trainer.start(runId);
    const { events, result } = await follow(trainer);
    expect(events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'weights-missing' } });
    expect(result).toMatchObject({ status: 'failed', error: { ...error, name: 'TrainingError' } });
  });

  it('stops following when the signal fires, and leaves the training alone', async () => {
    const trainer = makeTrainer({ epochMs: 100_000 });
    await trainer.prepare(request);
    await trainer.start(runId);
    const controller = new AbortController();
    const following = trainer.follow(runId, {
      afterSequence: 0,
      onEvent: () => controller.abort(new Error('enough')),
      signal: controller.signal,
    });
    await expect(following).rejects.toThrow('enough');
    expect(await trainer.isAlive(runId)).toBe(true);
  });

  it('passes on what the receiver of events throws', async () => {
    const trainer = makeTrainer();
    await trainer.prepare(request);
    await trainer.start(runId);
    const following = trainer.follow(runId, {
      afterSequence: 0,
      onEvent: () => Promise.reject(new Error('database is gone')),
    });
    await expect(following).rejects.toThrow('database is gone');
    expect((await follow(trainer)).result.status).toBe('finished');
  });
});

describe('a trainer that dies', () => {
  it('is told with the end of its log, resumes with the sequence going on, and finishes', async () => {
    const dying = makeTrainer({ dieInEpoch: 2 });
    await dying.prepare(request);
    await dying.start(runId);
    const first = await died(dying);
    expect(first.error).toMatchObject({
      name: 'TrainingError',
      code: 'trainer-died',
      message: expect.stringMatching(/after epoch 1 of 3.*\nabout to die in epoch 2$/s),
      where: inRun('trainer.log'),
    });
    expect(sequences(first.events)).toEqual(oneTo(5));
    expect(await dying.isAlive(runId)).toBe(false);
    expect(await dying.result(runId)).toBeNull();

    await dying.prepare(request);
    await dying.start(runId);
    const second = await follow(dying, 5);
    expect(second.events[0]).toMatchObject({ kind: 'started', sequence: 6, resumedAt: 1 });
    expect(sequences(second.events)).toEqual(oneTo(13).slice(5));
    expect(second.result).toMatchObject({ status: 'finished', epochsCompleted: 3 });
    expect(warnings).toEqual([]);
  });

  it('is noticed by whoever follows when it is killed from outside', async () => {
    const trainer = makeTrainer({ epochMs: 100_000 });
    await trainer.prepare(request);
    const { pid } = await trainer.start(runId);
    const following = died(trainer);
    signal(pid, 'SIGKILL');
    expect((await following).error).toMatchObject({
      code: 'trainer-died',
      message: expect.stringContaining('before its first epoch was done'),
    });
  });

  it('does not start: its last words are told without their colours', async () => {
    const trainer = makeTrainer({ exitAtOnce: 7 });
    await trainer.prepare(request);
    await expect(trainer.start(runId)).rejects.toMatchObject({
      code: 'trainer-not-started',
      message: 'The trainer did not start: it ended with code 7. The end of its log:\nno such thing',
    });
  });

  it('is ended when it does not say who it is in time', async () => {
    let pid: number | undefined;
    const launcher = fakeLauncher({ mute: true });
    const trainer = makeTrainer(
      {},
      {
        launcher: {
          launch: async (command) => {
            const launched = await launcher.launch(command);
            ({ pid } = launched);
            return launched;
          },
        },
        patience: { pollMs: 10, startMs: 100 },
      },
    );
    await trainer.prepare(request);
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'trainer-not-started' });
    expect(pid).toBeDefined();
    await eventually(async () => ((await leaseIsAlive({ pid: pid ?? 0, startTime: '', nonce: '' })) ? null : true));
  });

  it('cannot be started at all', async () => {
    const launcher = fakeLauncher();
    const trainer = makeTrainer(
      {},
      { launcher: { launch: (command) => launcher.launch({ ...command, cwd: join(folder.path, 'gone') }) } },
    );
    await trainer.prepare(request);
    await expect(trainer.start(runId)).rejects.toMatchObject({
      code: 'trainer-not-started',
      message: expect.stringContaining('ENOENT'),
    });
  });
});

describe('start', () => {
  it('gives the process that works there already', async () => {
    const trainer = makeTrainer({ epochMs: 100_000 });
    await trainer.prepare(request);
    const lease = await trainer.start(runId);
    expect(await makeTrainer().start(runId)).toEqual(lease);
    expect(await makeTrainer().isAlive(runId)).toBe(true);
  });

  it.each(['../x', 'a/b', '', '.', 'a\0b'])('refuses %j as the id of a run', async (id) => {
    await expect(makeTrainer().start(id)).rejects.toMatchObject({ code: 'run-missing' });
  });

  it('tells a run that was not prepared, and one whose configuration is damaged', async () => {
    const trainer = makeTrainer();
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'run-missing' });
    await mkdir(inRun(), { recursive: true });
    await writeFile(inRun('config.json'), '{"schema": 1');
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'run-folder-unusable' });
  });

  it('takes back an earlier cancel request', async () => {
    const trainer = makeTrainer();
    await trainer.prepare(request);
    await writeFile(inRun('cancel'), '');
    await trainer.start(runId);
    expect((await follow(trainer)).result.status).toBe('finished');
  });

  it('says where a full or read-only disk stopped it', async () => {
    const launcher = { launch: () => Promise.reject(Object.assign(new Error('read-only'), { code: 'EROFS' })) };
    const trainer = makeTrainer({}, { launcher });
    await trainer.prepare(request);
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'read-only', where: inRun() });
  });
});

describe('cancel', () => {
  it('asks, and the run ends as cancelled', async () => {
    const trainer = makeTrainer({ epochMs: 50 });
    await trainer.prepare({ ...request, plan: { ...plan, epochs: 1000 } });
    await trainer.start(runId);
    const following = follow(trainer);
    await trainer.cancel(runId);
    const { events, result } = await following;
    expect(events.at(-1)).toMatchObject({ kind: 'finished', status: 'cancelled' });
    expect(result).toMatchObject({ status: 'cancelled' });
    expect(await trainer.isAlive(runId)).toBe(false);
    await trainer.cancel(runId);
    expect(warnings).toEqual([]);
  });

  it('ends a process that heeds nothing, with its children; the run counts as cancelled and can go on', async () => {
    const patience = { pollMs: 10, signalAfterMs: 20, killAfterMs: 100 };
    const trainer = makeTrainer({ hangInEpoch: 2 }, { patience });
    await trainer.prepare(request);
    const { pid } = await trainer.start(runId);
    const child = Number(await eventually(() => readFile(inRun('child'), 'utf8')));
    expect(await leaseIsAlive({ pid: child, startTime: '', nonce: '' })).toBe(true);
    const following = follow(trainer);
    await trainer.cancel(runId);
    expect((await following).result).toMatchObject({ status: 'cancelled', epochsCompleted: 1, device: 'cpu' });
    expect(await leaseIsAlive({ pid, startTime: '', nonce: '' })).toBe(false);
    await eventually(async () => ((await leaseIsAlive({ pid: child, startTime: '', nonce: '' })) ? null : true));
    const again = makeTrainer();
    await again.start(runId);
    expect((await follow(again)).result).toMatchObject({ status: 'finished', epochsCompleted: 3 });
  });

  it('is harmless where nothing runs', async () => {
    const trainer = makeTrainer();
    await trainer.cancel(runId);
    await trainer.prepare(request);
    await trainer.cancel(runId);
    await trainer.cancel('../..');
    expect(warnings).toEqual([expect.stringContaining('is not the id of a run')]);
  });

  it.each([
    ['another nonce', async () => ({ ...(await currentLease()), nonce: 'somebody' })],
    ['another start time', async () => ({ ...(await currentLease()), startTime: '1', nonce: undefined })],
    ['a process group', () => Promise.resolve({ pid: -1, startTime: '', nonce: undefined })],
    ['pid 0', () => Promise.resolve({ pid: 0, startTime: '', nonce: undefined })],
    ['pid 1', () => Promise.resolve({ pid: 1, startTime: '', nonce: undefined })],
  ])('never signals what the pid file names with %s', async (_, makeOwner) => {
    const patience = { pollMs: 5, signalAfterMs: 5, killAfterMs: 5 };
    const trainer = makeTrainer({}, { patience });
    await trainer.prepare(request);
    const { nonce } = JSON.parse(await readFile(inRun('config.json'), 'utf8'));
    const owner = await makeOwner();
    await writeFile(inRun('pid'), JSON.stringify({ ...owner, nonce: owner.nonce ?? nonce }));
    // Signals to this very process would end the test run; listening keeps it alive and counts them.
    let signals = 0;
    const count = (): void => void (signals += 1);
    process.on('SIGTERM', count);
    await trainer.cancel(runId);
    await sleep(0);
    process.off('SIGTERM', count);
    expect(signals).toBe(0);
    expect(await trainer.isAlive(runId)).toBe(false);
    expect(warnings).toEqual([]);
  });
});

describe('prepare', () => {
  it('is idempotent and keeps the nonce', async () => {
    const trainer = makeTrainer();
    await trainer.prepare(request);
    const before = await readFile(inRun('config.json'), 'utf8');
    expect(JSON.parse(before)).toMatchObject({
      schema: 1,
      run: runId,
      job: 'train',
      dataset: 'dataset/data.yaml',
      classNames: ['scratch', 'no', '12:30'],
      weights: { source: 'yolov8n.yaml', allowDownload: false },
      plan,
      seed: 0,
      device: 'cpu',
    });
    await trainer.prepare(request);
    expect(await readFile(inRun('config.json'), 'utf8')).toBe(before);
  });

  it('takes new settings until the run has begun, then refuses them and keeps its snapshot', async () => {
    const trainer = makeTrainer();
    await trainer.prepare(request);
    await trainer.prepare({ ...request, seed: 7 });
    expect(JSON.parse(await readFile(inRun('config.json'), 'utf8')).seed).toBe(7);
    await appendFile(inRun('events.jsonl'), '');
    await expect(trainer.prepare(request)).rejects.toMatchObject({ code: 'run-conflict' });
    await trainer.prepare({ ...request, seed: 7, images: [] });
    expect(await readdir(inRun('dataset', 'images', 'train'))).toEqual(['1.png']);
  });

  it('needs no dataset to export', async () => {
    const trainer = makeTrainer();
    await trainer.prepare({ ...request, job: 'export', images: [] });
    expect(await readdir(inRun())).toEqual(['config.json']);
  });

  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EROFS', 'read-only'],
    ['EACCES', 'read-only'],
    ['EIO', 'run-folder-unusable'],
  ])('tells %s as %s, wherever it happens, and succeeds afterwards', async (code, expected) => {
    for (const operation of ['mkdir', 'writeFile', 'rename'] as const) {
      const failing = makeTrainer(
        {},
        {
          files: { ...nodeFiles, [operation]: () => Promise.reject(Object.assign(new Error(`${code}: no`), { code })) },
        },
      );
      await rm(inRun(), { recursive: true, force: true });
      await expect(failing.prepare(request)).rejects.toMatchObject({ name: 'TrainingError', code: expected });
      await expect(stat(inRun('config.json'))).rejects.toMatchObject({ code: 'ENOENT' });
      await makeTrainer().prepare(request);
      expect(await readdir(inRun())).toEqual(['config.json', 'dataset']);
    }
  });

  it('reports progress', async () => {
    const fractions: (number | undefined)[] = [];
    const trainer = makeTrainer({}, { onProgress: ({ fraction }) => fractions.push(fraction) });
    await trainer.prepare(request);
    expect(fractions).toEqual([1]);
  });
});
