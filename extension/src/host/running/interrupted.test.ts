import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from '../../../test/support/fakePorts.ts';
import type { Ports } from '../../workflow/ports/ports.ts';
import type { IterationChange } from '../../workflow/ports/store/iterations.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import type { RunResult } from '../../workflow/ports/trainer.ts';
import { createSession } from '../../workflow/session/sessions.ts';
import { interruptedIteration, willTrain } from './interrupted.ts';

const spot: PaintedObject = { column: 2, row: 2, classId: 0, brightness: 200 };

let folder: string;
let ports: Ports;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'al-interrupted-'));
  const opened = await openFakePorts(folder);
  ports = opened.ports;
  close = () => opened.workspace.close();
}, 60_000);

afterEach(async () => {
  for (const { id } of await ports.store.sessions.list()) await ports.store.sessions.delete(id);
});

afterAll(async () => {
  await close?.();
  rmSync(folder, { recursive: true, force: true });
});

async function makeSession(labelled: boolean): Promise<SessionRow> {
  const picture = { spots: [spot], ...(labelled ? { label: `${rowOf(spot)}\n` } : {}) };
  const place = join(folder, labelled ? 'labelled' : 'unlabelled');
  const path = await makePaintedDataset(place, { a: picture, b: { spots: [spot] }, c: picture });
  const settings = { name: 'S', baseModel: 'yolov8n.yaml', imageSize: 64 };
  return (await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, settings)).session;
}

/** An iteration that stands in the database as a window left it. */
async function leaveIn(session: SessionRow, change: IterationChange): Promise<void> {
  const last = (await ports.store.iterations.list(session.id)).at(-1);
  const iteration = last ?? (await ports.store.iterations.create(session.id, 1, 'preparing'));
  await ports.store.sessions.update(session.id, { status: 'active', currentIteration: 1 });
  await ports.store.iterations.update(iteration.id, { runId: 's1-i1-x', ...change });
}

const finished: RunResult = {
  status: 'finished',
  epochsCompleted: 1,
  trainingSeconds: 1,
  packages: {},
  device: 'cpu',
};

/** The ports with a trainer that is alive, or has left this result. */
function trainerThat(state: { readonly alive: boolean; readonly result: RunResult | null }): Ports {
  const trainer = {
    ...ports.trainer,
    isAlive: () => Promise.resolve(state.alive),
    result: () => Promise.resolve(state.result),
  };
  return { ...ports, trainer };
}

async function kindOf(state: Parameters<typeof trainerThat>[0]): Promise<string | undefined> {
  return (await interruptedIteration(trainerThat(state)))?.kind;
}

describe('an interrupted iteration', () => {
  it('does not exist without an iteration or while samples are ready for review', async () => {
    const session = await makeSession(true);
    expect(await interruptedIteration(ports)).toBeNull();
    await leaveIn(session, { status: 'reviewing' });
    expect(await interruptedIteration(ports)).toBeNull();
  });

  it('is stopped if its owner died between steps', async () => {
    const session = await makeSession(true);
    await leaveIn(session, { status: 'scoring' });
    const found = await interruptedIteration(ports);
    expect(found).toMatchObject({ kind: 'stopped', session: { id: session.id }, iteration: { status: 'scoring' } });
  });

  it('is working if the trainer is alive or has left a result that is not stored yet', async () => {
    const session = await makeSession(true);
    await leaveIn(session, { status: 'training' });
    expect(await kindOf({ alive: true, result: null })).toBe('working');
    expect(await kindOf({ alive: false, result: finished })).toBe('working');
    expect(await kindOf({ alive: false, result: null })).toBe('stopped');
  });

  it('belongs to the window that runs it', async () => {
    const session = await makeSession(true);
    await leaveIn(session, { status: 'scoring' });
    const other = { pid: 4242, startTime: '1', nonce: 'other window' };
    await ports.store.leases.acquire('training', other);
    onTestFinished(() => ports.store.leases.release('training', other));
    const living: Ports = { ...ports, system: { ...ports.system, isAlive: () => Promise.resolve(true) } };
    expect(await interruptedIteration(living)).toMatchObject({ kind: 'elsewhere' });
    const deceased: Ports = { ...ports, system: { ...ports.system, isAlive: () => Promise.resolve(false) } };
    expect(await interruptedIteration(deceased)).toMatchObject({ kind: 'stopped' });
  });

  it('that failed or was cancelled waits for the user', async () => {
    const session = await makeSession(true);
    await leaveIn(session, { status: 'failed', resumeFrom: 'scoring' });
    expect(await interruptedIteration(ports)).toBeNull();
    await leaveIn(session, { status: 'cancelled', resumeFrom: 'training' });
    expect(await interruptedIteration(ports)).toBeNull();
  });

  it('releases the training lease after the check', async () => {
    const session = await makeSession(true);
    await leaveIn(session, { status: 'scoring' });
    await interruptedIteration(ports);
    const another = { pid: 1, startTime: '1', nonce: 'x' };
    onTestFinished(() => ports.store.leases.release('training', another));
    expect((await ports.store.leases.acquire('training', another)).acquired).toBe(true);
  });
});

describe('whether a run will start a trainer', () => {
  it('depends on labels in the first iteration', async () => {
    expect(await willTrain(ports, await makeSession(true))).toBe(true);
  });

  it('is false for the first batch of an unlabelled dataset', async () => {
    expect(await willTrain(ports, await makeSession(false))).toBe(false);
  });

  it('is false if only scoring is left or samples are open, and true again for the next iteration', async () => {
    const session = await makeSession(true);
    const trainsAfter = async (change: IterationChange): Promise<boolean> => {
      await leaveIn(session, change);
      return willTrain(ports, session);
    };
    expect(await trainsAfter({ status: 'reviewing' })).toBe(false);
    expect(await trainsAfter({ status: 'failed', resumeFrom: 'scoring' })).toBe(false);
    expect(await trainsAfter({ status: 'failed', resumeFrom: 'training' })).toBe(true);
    expect(await willTrain(trainerThat({ alive: true, result: null }), session)).toBe(false);
    expect(await trainsAfter({ status: 'completed', resumeFrom: null })).toBe(true);
  });
});
