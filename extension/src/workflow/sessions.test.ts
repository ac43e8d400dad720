import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeSpotDataset, openFakeEngine, rowOf, type Spot } from '../../test/support/fakeEngine.ts';
import type { Engine } from './engine.ts';
import { runIteration } from './iteration/runIteration.ts';
import type { SessionRow } from './ports/store.ts';
import { completeSession, createSession, deleteSession, isClosed, reopenSession } from './sessions.ts';
import { sessionStatus } from './status.ts';

const spot: Spot = { column: 2, row: 2, classId: 0, brightness: 200 };

let folder: string;
let engine: Engine;
let yaml: string;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'al-sessions-'));
  yaml = await makeSpotDataset(folder, { a: { spots: [spot], label: `${rowOf(spot)}\n` }, b: { spots: [spot] } });
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

async function makeSession(): Promise<SessionRow> {
  const settings = { name: 'S', baseModel: 'yolov8n.yaml', imageSize: 64 };
  return (await createSession(engine, { kind: 'yaml', path: yaml, poolFolders: [] }, settings)).session;
}

/** A session whose first iteration is in training. @returns the engine as it looks while the trainer lives. */
async function trainingEngine(session: SessionRow): Promise<Engine> {
  const iteration = await engine.store.iterations.create(session.id, 1, 'training');
  const run = { id: 's1-i1-x', sessionId: session.id, iterationId: iteration.id, folder, labelSnapshot: null };
  await engine.store.runs.create({ ...run, job: 'train', state: 'running' });
  return { ...engine, trainer: { ...engine.trainer, isAlive: (id) => Promise.resolve(id === run.id) } };
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
