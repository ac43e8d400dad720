import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeSpotDataset, openFakeEngine, rowOf, type Spot } from '../../../test/support/fakeEngine.ts';
import { setPoolFolders } from '../dataset/datasets.ts';
import type { Engine } from '../ports/ports.ts';
import { runIteration } from '../iteration/runIteration.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { completeSession, createSession, deleteSession, isClosed, reopenSession } from './sessions.ts';
import { sessionStatus } from './status.ts';

const spot: Spot = { column: 2, row: 2, classId: 0, brightness: 200 };

let folder: string;
let engine: Engine;
let yaml: string;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'al-sessions-'));
  yaml = await makeSpotDataset(folder, {
    a: { spots: [spot], label: `${rowOf(spot)}\n` },
    b: { spots: [spot], label: `${rowOf(spot)}\n` },
    c: { spots: [spot] },
  });
  const opened = await openFakeEngine(folder);
  engine = opened.engine;
  close = () => opened.workspace.close();
}, 60_000);

afterEach(async () => {
  for (const { id } of await engine.store.sessions.list()) await engine.store.sessions.delete(id);
});

afterAll(async () => {
  await close?.();
  rmSync(folder, { recursive: true, force: true });
});

async function makeSession(name = 'S'): Promise<SessionRow> {
  const settings = { name, baseModel: 'yolov8n.yaml', imageSize: 64 };
  return (await createSession(engine, { kind: 'yaml', path: yaml, poolFolders: [] }, settings)).session;
}

/** A session whose first iteration is in training. @returns the engine as it looks while the trainer lives. */
async function trainingEngine(session: SessionRow): Promise<Engine> {
  const iteration = await engine.store.iterations.create(session.id, 1, 'training');
  const run = { id: 's1-i1-x', sessionId: session.id, iterationId: iteration.id, folder, labelSnapshot: null };
  await engine.store.runs.create({ ...run, job: 'train', state: 'running' });
  return { ...engine, trainer: { ...engine.trainer, isAlive: (id) => Promise.resolve(id === run.id) } };
}

/** The engine of a window in which something happens right after it looked for the current iteration. */
function after(happens: () => Promise<unknown>): Engine {
  let happened = false;
  const list: Engine['store']['iterations']['list'] = async (id) => {
    const rows = await engine.store.iterations.list(id);
    if (!happened) {
      happened = true;
      await happens();
    }
    return rows;
  };
  return { ...engine, store: { ...engine.store, iterations: { ...engine.store.iterations, list } } };
}

async function enabled(id: number): Promise<string[]> {
  const { actions } = await sessionStatus(engine, id);
  return actions.filter((entry) => entry.enabled).map(({ action }) => action);
}

describe('a session that is done', () => {
  it('is closed with the time, and can only be opened again', async () => {
    const session = await makeSession();
    const closed = await completeSession(engine, session.id);
    expect(isClosed(closed)).toBe(true);
    expect(closed.completedAt).not.toBeNull();
    expect(await enabled(session.id)).toEqual(['reopen-session']);
  });

  it('is opened again as new where it had no iteration', async () => {
    const session = await makeSession();
    await completeSession(engine, session.id);
    const open = await reopenSession(engine, session.id);
    expect(open).toEqual(session);
    expect(await enabled(session.id)).toContain('begin-iteration');
  });

  it('goes on where it stood when it had iterations', async () => {
    const session = await makeSession();
    const iteration = await engine.store.iterations.create(session.id, 1, 'completed');
    await engine.store.sessions.update(session.id, { status: 'active', currentIteration: 1, bestMap50: 0.5 });
    await completeSession(engine, session.id);
    const open = await reopenSession(engine, session.id);
    expect(open).toMatchObject({ status: 'active', currentIteration: 1, bestMap50: 0.5, completedAt: null });
    expect(await engine.store.iterations.list(session.id)).toMatchObject([{ id: iteration.id, status: 'completed' }]);
  });

  it('is not closed or opened twice, and says so', async () => {
    const session = await makeSession();
    await expect(reopenSession(engine, session.id)).rejects.toMatchObject({ code: 'not-now' });
    const { completedAt } = await completeSession(engine, session.id);
    await expect(completeSession(engine, session.id)).rejects.toMatchObject({ code: 'not-now' });
    expect((await engine.store.sessions.get(session.id))?.completedAt).toBe(completedAt);
  });

  it('is told apart from one that is not there', async () => {
    await expect(reopenSession(engine, 4711)).rejects.toMatchObject({ code: 'not-found' });
    await expect(completeSession(engine, 4711)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a session that is deleted or completed while its first iteration scans the dataset', () => {
  it.each([
    ['deleted', (id: number) => deleteSession(engine, id), 'not-found'],
    ['completed', (id: number) => completeSession(engine, id).then(() => {}), 'not-now'],
  ] as const)('stays %s', async (_, end, code) => {
    const session = await makeSession();
    const list: Engine['datasetFiles']['list'] = async (source) => {
      await end(session.id);
      return engine.datasetFiles.list(source);
    };
    const scanning = { ...engine, datasetFiles: { ...engine.datasetFiles, list } };
    await expect(runIteration(scanning, session.id)).rejects.toMatchObject({ code });
    const now = await engine.store.sessions.get(session.id);
    expect(now?.status ?? 'gone').toBe(code === 'not-found' ? 'gone' : 'completed');
    expect(await engine.store.iterations.list(session.id)).toEqual([]);
  });
});

describe('a session that trains, in whatever window', () => {
  it('is neither completed nor deleted', async () => {
    const session = await makeSession();
    const busy = await trainingEngine(session);
    await expect(completeSession(busy, session.id)).rejects.toMatchObject({ code: 'session-busy' });
    await expect(deleteSession(busy, session.id)).rejects.toMatchObject({ code: 'session-busy' });
    expect(await engine.store.sessions.get(session.id)).toMatchObject({ status: session.status });
    // Its trainer died: nothing is in the way any more.
    await completeSession(engine, session.id);
    await deleteSession(engine, session.id);
    expect(await engine.store.sessions.get(session.id)).toBeNull();
  });
});

describe('an interrupted session beside another one that runs', () => {
  it('is not worked on: it is completed and deleted, and nothing is offered to cancel', async () => {
    const interrupted = await makeSession();
    await engine.store.sessions.update(interrupted.id, { status: 'active', currentIteration: 1 });
    await engine.store.iterations.create(interrupted.id, 1, 'scoring');
    const running = await makeSession('T');
    let looked = 0;
    // Asked in the middle of the other iteration; then it fails.
    const ask = async (): Promise<never> => {
      looked++;
      expect(await enabled(interrupted.id)).toEqual(['resume-iteration', 'complete-session']);
      expect(await enabled(running.id)).toEqual(['cancel-iteration']);
      await expect(deleteSession(engine, running.id)).rejects.toMatchObject({ code: 'session-busy' });
      await expect(completeSession(engine, running.id)).rejects.toMatchObject({ code: 'session-busy' });
      await completeSession(engine, interrupted.id);
      await deleteSession(engine, interrupted.id);
      throw new Error('the trainer is gone');
    };
    const trainer = new Proxy(engine.trainer, { get: () => ask });
    await expect(runIteration({ ...engine, trainer }, running.id)).rejects.toThrow('the trainer is gone');
    expect(looked).toBe(1);
    expect((await engine.store.sessions.list()).map(({ id }) => id)).toEqual([running.id]);
    await deleteSession(engine, running.id);
  });

  it('is not worked on while the pool folders change', async () => {
    const session = await makeSession();
    await engine.store.iterations.create(session.id, 1, 'scoring');
    let looked = false;
    const list: Engine['datasetFiles']['list'] = async (source) => {
      await deleteSession(engine, session.id);
      looked = true;
      return engine.datasetFiles.list(source);
    };
    const scanning = { ...engine, datasetFiles: { ...engine.datasetFiles, list } };
    await setPoolFolders(scanning, session.datasetId, []);
    expect(looked).toBe(true);
  });
});

describe('between a look at a session and what follows from it', () => {
  it.each([
    ['deleted', deleteSession],
    ['completed', completeSession],
  ] as const)('an iteration begins: nothing is %s', async (_, end) => {
    const session = await makeSession();
    const name = `session:${session.id}`;
    const other = { ...engine.system.owner, nonce: 'another window' };
    const late = after(() => engine.store.leases.acquire(name, other));
    const living = { ...late, system: { ...engine.system, isAlive: () => Promise.resolve(true) } };
    await expect(end(living, session.id)).rejects.toMatchObject({ code: 'busy-elsewhere' });
    expect(await engine.store.sessions.get(session.id)).toEqual(session);
    await engine.store.leases.release(name, other);
  });

  it('a session with an interrupted iteration is completed: it is not taken up', async () => {
    const session = await makeSession();
    const iteration = await engine.store.iterations.create(session.id, 1, 'failed');
    await engine.store.iterations.update(iteration.id, { resumeFrom: 'preparing' });
    const before = await engine.store.iterations.list(session.id);
    const late = after(() => completeSession(engine, session.id));
    await expect(runIteration(late, session.id)).rejects.toMatchObject({ code: 'not-now' });
    expect(await engine.store.iterations.list(session.id)).toEqual(before);
  });
});
