import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from '../../../test/support/fakePorts.ts';
import { setPoolFolders } from '../dataset/datasets.ts';
import type { Ports } from '../ports/ports.ts';
import { runIteration } from '../iteration/runIteration.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { completeSession, createSession, deleteSession, isClosed, reopenSession } from './sessions.ts';
import { sessionStatus } from './status.ts';

const spot: PaintedObject = { column: 2, row: 2, classId: 0, brightness: 200 };

let folder: string;
let ports: Ports;
let yaml: string;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'al-sessions-'));
  yaml = await makePaintedDataset(folder, {
    a: { spots: [spot], label: `${rowOf(spot)}\n` },
    b: { spots: [spot], label: `${rowOf(spot)}\n` },
    c: { spots: [spot] },
  });
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

async function makeSession(name = 'S'): Promise<SessionRow> {
  const settings = { name, baseModel: 'yolov8n.yaml', imageSize: 64 };
  return (await createSession(ports, { kind: 'yaml', path: yaml, poolFolders: [] }, settings)).session;
}

/** A session whose first iteration is in training. @returns the ports as they are while the trainer lives. */
async function trainingPorts(session: SessionRow): Promise<Ports> {
  const iteration = await ports.store.iterations.create(session.id, 1, 'training');
  const run = { id: 's1-i1-x', sessionId: session.id, iterationId: iteration.id, folder, labelSnapshot: null };
  await ports.store.runs.create({ ...run, job: 'train', state: 'running' });
  return { ...ports, trainer: { ...ports.trainer, isAlive: (id) => Promise.resolve(id === run.id) } };
}

/** The ports of a window in which something happens right after it looked for the current iteration. */
function after(happens: () => Promise<unknown>): Ports {
  let happened = false;
  const list: Ports['store']['iterations']['list'] = async (id) => {
    const rows = await ports.store.iterations.list(id);
    if (!happened) {
      happened = true;
      await happens();
    }
    return rows;
  };
  return { ...ports, store: { ...ports.store, iterations: { ...ports.store.iterations, list } } };
}

async function enabled(id: number): Promise<string[]> {
  const { actions } = await sessionStatus(ports, id);
  return actions.filter((entry) => entry.enabled).map(({ action }) => action);
}

describe('a session that is done', () => {
  it('is closed with the time, and can only be opened again', async () => {
    const session = await makeSession();
    const closed = await completeSession(ports, session.id);
    expect(isClosed(closed)).toBe(true);
    expect(closed.completedAt).not.toBeNull();
    expect(await enabled(session.id)).toEqual(['reopen-session']);
  });

  it('is opened again as new where it had no iteration', async () => {
    const session = await makeSession();
    await completeSession(ports, session.id);
    const open = await reopenSession(ports, session.id);
    expect(open).toEqual(session);
    expect(await enabled(session.id)).toContain('begin-iteration');
  });

  it('goes on where it stood when it had iterations', async () => {
    const session = await makeSession();
    const iteration = await ports.store.iterations.create(session.id, 1, 'completed');
    await ports.store.sessions.update(session.id, { status: 'active', currentIteration: 1, bestMap50: 0.5 });
    await completeSession(ports, session.id);
    const open = await reopenSession(ports, session.id);
    expect(open).toMatchObject({ status: 'active', currentIteration: 1, bestMap50: 0.5, completedAt: null });
    expect(await ports.store.iterations.list(session.id)).toMatchObject([{ id: iteration.id, status: 'completed' }]);
  });

  it('is not closed or opened twice, and the error says why', async () => {
    const session = await makeSession();
    await expect(reopenSession(ports, session.id)).rejects.toMatchObject({ code: 'not-now' });
    const { completedAt } = await completeSession(ports, session.id);
    await expect(completeSession(ports, session.id)).rejects.toMatchObject({ code: 'not-now' });
    expect((await ports.store.sessions.get(session.id))?.completedAt).toBe(completedAt);
  });

  it('is distinguished from a missing one', async () => {
    await expect(reopenSession(ports, 4711)).rejects.toMatchObject({ code: 'not-found' });
    await expect(completeSession(ports, 4711)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a session that is deleted or completed while its first iteration scans the dataset', () => {
  it.each([
    ['deleted', (id: number) => deleteSession(ports, id), 'not-found'],
    ['completed', (id: number) => completeSession(ports, id).then(() => {}), 'not-now'],
  ] as const)('stays %s', async (_, end, code) => {
    const session = await makeSession();
    const list: Ports['datasetFiles']['list'] = async (source) => {
      await end(session.id);
      return ports.datasetFiles.list(source);
    };
    const scanning = { ...ports, datasetFiles: { ...ports.datasetFiles, list } };
    await expect(runIteration(scanning, session.id)).rejects.toMatchObject({ code });
    const now = await ports.store.sessions.get(session.id);
    expect(now?.status ?? 'gone').toBe(code === 'not-found' ? 'gone' : 'completed');
    expect(await ports.store.iterations.list(session.id)).toEqual([]);
  });
});

describe('a session that trains, in whatever window', () => {
  it('is neither completed nor deleted', async () => {
    const session = await makeSession();
    const busy = await trainingPorts(session);
    await expect(completeSession(busy, session.id)).rejects.toMatchObject({ code: 'session-busy' });
    await expect(deleteSession(busy, session.id)).rejects.toMatchObject({ code: 'session-busy' });
    expect(await ports.store.sessions.get(session.id)).toMatchObject({ status: session.status });
    // Its trainer died: nothing is in the way any more.
    await completeSession(ports, session.id);
    await deleteSession(ports, session.id);
    expect(await ports.store.sessions.get(session.id)).toBeNull();
  });
});

describe('an interrupted session beside another one that runs', () => {
  it('is not worked on: it is completed and deleted, and nothing is offered to cancel', async () => {
    const interrupted = await makeSession();
    await ports.store.sessions.update(interrupted.id, { status: 'active', currentIteration: 1 });
    await ports.store.iterations.create(interrupted.id, 1, 'scoring');
    const running = await makeSession('T');
    let looked = 0;
    // Asked in the middle of the other iteration; then it fails.
    const ask = async (): Promise<never> => {
      looked++;
      expect(await enabled(interrupted.id)).toEqual(['resume-iteration', 'complete-session']);
      expect(await enabled(running.id)).toEqual(['cancel-iteration']);
      await expect(deleteSession(ports, running.id)).rejects.toMatchObject({ code: 'session-busy' });
      await expect(completeSession(ports, running.id)).rejects.toMatchObject({ code: 'session-busy' });
      await completeSession(ports, interrupted.id);
      await deleteSession(ports, interrupted.id);
      throw new Error('the trainer is gone');
    };
    // The weights are checked before the iteration exists.
    const trainer = new Proxy(ports.trainer, {
      get: (_, name) => (name === 'checkWeights' ? () => Promise.resolve() : ask),
    });
    await expect(runIteration({ ...ports, trainer }, running.id)).rejects.toThrow('the trainer is gone');
    expect(looked).toBe(1);
    expect((await ports.store.sessions.list()).map(({ id }) => id)).toEqual([running.id]);
    await deleteSession(ports, running.id);
  });

  it('is not worked on while the pool folders change', async () => {
    const session = await makeSession();
    await ports.store.iterations.create(session.id, 1, 'scoring');
    let looked = false;
    const list: Ports['datasetFiles']['list'] = async (source) => {
      await deleteSession(ports, session.id);
      looked = true;
      return ports.datasetFiles.list(source);
    };
    const scanning = { ...ports, datasetFiles: { ...ports.datasetFiles, list } };
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
    const other = { ...ports.system.owner, nonce: 'another window' };
    const late = after(() => ports.store.leases.acquire(name, other));
    const living = { ...late, system: { ...ports.system, isAlive: () => Promise.resolve(true) } };
    await expect(end(living, session.id)).rejects.toMatchObject({ code: 'busy-elsewhere' });
    expect(await ports.store.sessions.get(session.id)).toEqual(session);
    await ports.store.leases.release(name, other);
  });

  it('a session with an interrupted iteration is completed: it is not taken up', async () => {
    const session = await makeSession();
    const iteration = await ports.store.iterations.create(session.id, 1, 'failed');
    await ports.store.iterations.update(iteration.id, { resumeFrom: 'preparing' });
    const before = await ports.store.iterations.list(session.id);
    const late = after(() => completeSession(ports, session.id));
    await expect(runIteration(late, session.id)).rejects.toMatchObject({ code: 'not-now' });
    expect(await ports.store.iterations.list(session.id)).toEqual(before);
  });
});
