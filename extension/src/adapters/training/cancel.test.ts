import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Lease } from '../../workflow/ports/store/leases.ts';
import { currentLease, leaseIsAlive, processStartTime } from '../platform/lease.ts';
import { nodeFiles } from '../python/fileOps.ts';
import { plan } from './testing/runs.ts';
import { trainerBench, runId, follow, eventually, processEnded, nonceOf } from './testing/trainerBench.ts';

const bench = trainerBench();

/** Whether this process received a signal during an action. Listening keeps it alive. */
async function signalsDuring(act: () => Promise<void>): Promise<number> {
  let signals = 0;
  const count = (): void => void (signals += 1);
  process.on('SIGTERM', count);
  await act();
  await sleep(0);
  process.off('SIGTERM', count);
  return signals;
}

describe('cancel', () => {
  it('requests a stop, and the run ends as cancelled', async () => {
    const trainer = bench.make({ epochMs: 50 });
    await trainer.prepare({ ...bench.job(), plan: { ...plan, epochs: 1000 } });
    await trainer.start(runId);
    const following = follow(trainer);
    await trainer.cancel(runId);
    const { events, result } = await following;
    expect(events.at(-1)).toMatchObject({ kind: 'finished', status: 'cancelled' });
    expect(result).toMatchObject({ status: 'cancelled' });
    expect(await trainer.isAlive(runId)).toBe(false);
    await trainer.cancel(runId);
    expect(bench.warnings).toEqual([]);
  });

  it('kills a process that ignores requests, with its children; the run counts as cancelled and can continue', async () => {
    const timeouts = { pollMs: 10, signalAfterMs: 20, killAfterMs: 100 };
    const trainer = bench.make({ hangInEpoch: 2 }, { timeouts });
    await trainer.prepare(bench.job());
    const { pid } = await trainer.start(runId);
    const child = Number(await eventually(() => readFile(bench.inRun('child'), 'utf8')));
    expect(await leaseIsAlive({ pid: child, startTime: '', nonce: '' })).toBe(true);
    const following = follow(trainer);
    await trainer.cancel(runId);
    expect((await following).result).toMatchObject({ status: 'cancelled', epochsCompleted: 1, device: 'cpu' });
    expect(await leaseIsAlive({ pid, startTime: '', nonce: '' })).toBe(false);
    await processEnded(child);
    const again = bench.make();
    await again.start(runId);
    expect((await follow(again)).result).toMatchObject({ status: 'finished', epochsCompleted: 3 });
  });

  it('stops a run by a signal if a full disk prevents the cancel file', async () => {
    const trainer = bench.make(
      { epochMs: 50 },
      {
        files: {
          ...nodeFiles,
          open: (path, flags, mode) =>
            String(path).endsWith('cancel') ? Promise.reject(new Error('ENOSPC')) : nodeFiles.open(path, flags, mode),
        },
      },
    );
    await bench.make().prepare({ ...bench.job(), plan: { ...plan, epochs: 1000 } });
    await trainer.start(runId);
    await trainer.cancel(runId);
    expect(await trainer.result(runId)).toMatchObject({ status: 'cancelled' });
    expect(await readFile(bench.inRun('trainer.log'), 'utf8')).toBe('SIGTERM\n');
    expect(bench.warnings).toEqual([]);
  });

  it('does nothing if no trainer runs', async () => {
    const trainer = bench.make();
    await trainer.cancel(runId);
    await trainer.prepare(bench.job());
    await trainer.cancel(runId);
    await trainer.cancel('../..');
    expect(bench.warnings).toEqual([expect.stringContaining('is not the id of a run')]);
  });

  it.each([
    ['another nonce', async () => ({ ...(await currentLease()), nonce: 'somebody' })],
    ['another start time', async () => ({ ...(await currentLease()), startTime: '1', nonce: undefined })],
    ['a process group', () => Promise.resolve({ pid: -1, startTime: '', nonce: undefined })],
    ['pid 0', () => Promise.resolve({ pid: 0, startTime: '', nonce: undefined })],
    ['pid 1', () => Promise.resolve({ pid: 1, startTime: '', nonce: undefined })],
  ])('never signals a process from a pid file with %s', async (_, makeOwner) => {
    const timeouts = { pollMs: 5, signalAfterMs: 5, killAfterMs: 5 };
    const trainer = bench.make({}, { timeouts });
    await trainer.prepare(bench.job());
    const nonce = await nonceOf(bench.inRun('config.json'));
    const owner = await makeOwner();
    await writeFile(bench.inRun('pid'), JSON.stringify({ ...owner, nonce: owner.nonce ?? nonce }));
    expect(await signalsDuring(() => trainer.cancel(runId))).toBe(0);
    expect(await trainer.isAlive(runId)).toBe(false);
    expect(bench.warnings).toEqual([]);
  });

  it('never signals a process that only the run folder names', async () => {
    const trainer = bench.make({}, { timeouts: { pollMs: 5, signalAfterMs: 5, killAfterMs: 5 } });
    await trainer.prepare(bench.job());
    const nonce = await nonceOf(bench.inRun('config.json'));
    const { pid, startTime } = await currentLease();
    for (const start of [startTime, '']) {
      await writeFile(bench.inRun('pid'), JSON.stringify({ pid, startTime: start, nonce }));
      expect(await signalsDuring(() => trainer.cancel(runId))).toBe(0);
      expect(await trainer.isAlive(runId)).toBe(false);
    }
  });

  it.each([
    ['another process', (owner: Lease) => ({ ...owner, pid: process.pid })],
    ['another nonce', (owner: Lease) => ({ ...owner, nonce: 'somebody' })],
    ['nothing', () => null],
  ])('signals no process if the pid file contains %s', async (_, change) => {
    const trainer = bench.make({ hangInEpoch: 1 }, { timeouts: { pollMs: 5, signalAfterMs: 5, killAfterMs: 50 } });
    await trainer.prepare(bench.job());
    const owner = await trainer.start(runId);
    await eventually(() => readFile(bench.inRun('child'), 'utf8'));
    const changed = change(owner);
    if (changed === null) await rm(bench.inRun('pid'));
    else await writeFile(bench.inRun('pid'), JSON.stringify(changed));
    expect(await signalsDuring(() => trainer.cancel(runId))).toBe(0);
    // The record still shows it as the owner of the run.
    expect(await trainer.isAlive(runId)).toBe(true);
    await writeFile(bench.inRun('pid'), JSON.stringify(owner));
    await trainer.cancel(runId);
    expect(await trainer.isAlive(runId)).toBe(false);
  });

  it.each([
    ['this process', async () => currentLease()],
    ['its parent', async () => ({ pid: process.ppid, startTime: await processStartTime(process.ppid), nonce: 'n' })],
  ])('never signals %s, although record and folder agree', async (_, make) => {
    const trainer = bench.make({}, { timeouts: { pollMs: 5, signalAfterMs: 5, killAfterMs: 5 } });
    await trainer.prepare(bench.job());
    const lease = await make();
    await bench.leases().write(runId, lease);
    await writeFile(bench.inRun('pid'), JSON.stringify(lease));
    expect(await signalsDuring(() => trainer.cancel(runId))).toBe(0);
  });

  it('finds a trainer whose parent crashed before it recorded the process', async () => {
    const trainer = bench.make({ hangInEpoch: 1 }, { timeouts: { pollMs: 5, signalAfterMs: 5, killAfterMs: 50 } });
    await trainer.prepare(bench.job());
    const owner = await trainer.start(runId);
    await eventually(() => readFile(bench.inRun('child'), 'utf8'));
    await bench.leases().write(runId, { pid: 999_999, startTime: '1', nonce: `starting:${owner.nonce}` });
    expect(await bench.make().isAlive(runId)).toBe(true);
    expect(await bench.leases().read(runId)).toEqual(owner);
    await eventually(() => readFile(bench.inRun('child'), 'utf8'));
    await bench.leases().write(runId, { pid: 999_999, startTime: '1', nonce: 'starting:other' });
    expect(await trainer.isAlive(runId)).toBe(false);
    await bench.leases().write(runId, owner);
    await trainer.cancel(runId);
  });
});
