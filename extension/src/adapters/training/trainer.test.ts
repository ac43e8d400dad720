import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { plan } from './testing/runs.ts';
import { trainerBench, runId, follow, nonceOf, sequences, oneTo } from './testing/trainerBench.ts';

const bench = trainerBench();

describe('a run from start to result', () => {
  it('returns every event in order, then the result with absolute paths and the model description', async () => {
    const trainer = bench.make({ tidyMs: 100 });
    await trainer.prepare(bench.job());
    expect(await trainer.isAlive(runId)).toBe(false);
    expect(await trainer.result(runId)).toBeNull();
    const lease = await trainer.start(runId);
    expect(lease.pid).toBeGreaterThan(1);
    expect(await bench.leases().read(runId)).toEqual(lease);
    // The nonce must not be readable in the folder before the start.
    expect(lease.nonce).not.toBe(await nonceOf(bench.inRun('config.json')));
    const { events, result } = await follow(trainer);
    expect(sequences(events)).toEqual(oneTo(1 + 3 * plan.epochs + 1));
    expect(events.map(({ kind }) => kind).slice(0, 4)).toEqual(['started', 'batch', 'epoch', 'metrics']);
    expect(events[2]).toMatchObject({ epoch: 1, epochs: 3, losses: { box_loss: 1 } });
    expect(events.at(-1)).toMatchObject({ kind: 'finished', status: 'finished' });
    expect(result).toEqual({
      status: 'finished',
      weightsPath: bench.inRun('weights', 'best.pt'),
      onnxPath: bench.inRun('weights', 'model.onnx'),
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
    expect(bench.warnings).toEqual([]);
  });

  it('omits events that were stored before, and may be followed twice', async () => {
    const trainer = bench.make();
    await trainer.prepare(bench.job());
    await trainer.start(runId);
    const [first, second] = await Promise.all([follow(trainer), follow(trainer, 4)]);
    expect(sequences(second.events)).toEqual(sequences(first.events).slice(4));
    const again = await follow(trainer);
    expect(again).toEqual(first);
  });

  it('reports its progress to a new follower', async () => {
    const trainer = bench.make();
    await trainer.prepare(bench.job());
    await trainer.start(runId);
    await follow(trainer);
    const order: string[] = [];
    const followAfter = (afterSequence: number): Promise<unknown> =>
      trainer.follow(runId, {
        afterSequence,
        onKnown: (event) => order.push(`known ${event.sequence} ${event.kind}`),
        onEvent: (event) => void order.push(`new ${event.sequence}`),
      });
    // 1 started, then batch, epoch and metrics of each epoch.
    await followAfter(7);
    expect(order).toEqual(['known 6 epoch', 'new 8', 'new 9', 'new 10', 'new 11']);
    order.length = 0;
    await followAfter(2);
    expect(order.slice(0, 2)).toEqual(['known 1 started', 'new 3']);
    order.length = 0;
    await followAfter(0);
    expect(order[0]).toBe('new 1');
    order.length = 0;
    await followAfter(11);
    expect(order).toEqual(['known 9 epoch']);
  });

  it('waits for the end of an incomplete line, and skips an invalid one with a warning', async () => {
    const trainer = bench.make({ tornMs: 15, garbage: '{"sequence": 99, "kind": "ep' });
    await trainer.prepare(bench.job());
    await trainer.start(runId);
    const { events, result } = await follow(trainer);
    expect(sequences(events)).toEqual(oneTo(11));
    expect(result.status).toBe('finished');
    expect(bench.warnings).toEqual([expect.stringContaining('is not JSON and was skipped')]);
  });

  it('returns the failure that the trainer reported', async () => {
    const error = {
      name: 'TrainerError',
      code: 'weights-missing',
      message: 'No x.pt.',
      hint: 'Name a path.',
      where: 'x.pt',
    };
    const trainer = bench.make({ error });
    await trainer.prepare(bench.job());
    await trainer.start(runId);
    const { events, result } = await follow(trainer);
    expect(events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'weights-missing' } });
    expect(result).toMatchObject({ status: 'failed', error: { ...error, name: 'TrainingError' } });
  });

  it('stops following when the signal fires, and does not end the training', async () => {
    const trainer = bench.make({ epochMs: 100_000 });
    await trainer.prepare(bench.job());
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

  it('rethrows errors of `onEvent`', async () => {
    const trainer = bench.make();
    await trainer.prepare(bench.job());
    await trainer.start(runId);
    const following = trainer.follow(runId, {
      afterSequence: 0,
      onEvent: () => Promise.reject(new Error('database is gone')),
    });
    await expect(following).rejects.toThrow('database is gone');
    expect((await follow(trainer)).result.status).toBe('finished');
  });
});

describe('start', () => {
  it('returns the process that already works in the run', async () => {
    const trainer = bench.make({ epochMs: 100_000 });
    await trainer.prepare(bench.job());
    const lease = await trainer.start(runId);
    expect(await bench.make().start(runId)).toEqual(lease);
    expect(await bench.make().isAlive(runId)).toBe(true);
  });

  it.each(['../x', 'a/b', '', '.', 'a\0b'])('rejects %j as the id of a run', async (id) => {
    await expect(bench.make().start(id)).rejects.toMatchObject({ code: 'run-missing' });
  });

  it('reports a run that was not prepared, and one with a damaged configuration', async () => {
    const trainer = bench.make();
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'run-missing' });
    await mkdir(bench.inRun(), { recursive: true });
    await writeFile(bench.inRun('config.json'), '{"schema": 1');
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'run-folder-unusable' });
  });

  it('withdraws an earlier cancel request', async () => {
    const trainer = bench.make();
    await trainer.prepare(bench.job());
    await writeFile(bench.inRun('cancel'), '');
    await trainer.start(runId);
    expect((await follow(trainer)).result.status).toBe('finished');
  });

  it('reports the folder if the disk is full or read-only', async () => {
    const launcher = { launch: () => Promise.reject(Object.assign(new Error('read-only'), { code: 'EROFS' })) };
    const trainer = bench.make({}, { launcher });
    await trainer.prepare(bench.job());
    await expect(trainer.start(runId)).rejects.toMatchObject({ code: 'read-only', where: bench.inRun() });
  });
});
