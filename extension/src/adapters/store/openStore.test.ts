import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { Store } from '../../workflow/ports/store.ts';
import { latestVersion } from './database/migrate.ts';
import { migrations } from './migrations/all.ts';
import { inspectStore, openStore } from './openStore.ts';
import { StoreError } from './storeError.ts';
import { StoreThread } from './storeThread.ts';
import {
  at,
  createProject,
  lease,
  newEvent,
  newImage,
  settings,
  TestClock,
  threadPath,
  Workbench,
} from './testing/fixtures.ts';

const bench = new Workbench();
const stores: Store[] = [];
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  bench.clean();
});

async function open(databasePath: string): Promise<Store> {
  const store = await openStore({ databasePath, threadPath, clock: new TestClock() });
  stores.push(store);
  return store;
}

/** For each call `ok` or its error code. */
async function codes(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(calls);
  return results.map((result) => (result.status === 'fulfilled' ? 'ok' : result.reason.code));
}

/** The client of a thread that runs this source. */
function clientOf(source: string): StoreThread {
  return new StoreThread(new Worker(source, { eval: true }), new TestClock());
}

it.each(['', '-wal'])('opens only files and reports anything else at sessions.db%s', async (ending) => {
  const databasePath = bench.databasePath();
  await (await openStore({ databasePath, threadPath })).close();
  rmSync(databasePath + ending, { force: true });
  mkdirSync(databasePath + ending);
  for (const look of [() => inspectStore(databasePath, threadPath), () => openStore({ databasePath, threadPath })]) {
    await expect(look()).rejects.toMatchObject({ code: 'cannot-open', where: databasePath + ending });
  }
});

it('stops inspecting a database after the time limit', async () => {
  const endless = path.join(bench.folder(), 'endless.mjs');
  writeFileSync(endless, 'for (;;);');
  await expect(inspectStore('any', endless, 500)).rejects.toMatchObject({
    code: 'thread-died',
    message: expect.stringContaining('did not answer'),
  });
});

it('abandons a database whose drive does not respond, but waits for a slow one', async () => {
  const databasePath = bench.databasePath();
  const hung = path.join(bench.folder(), 'hung.mjs');
  // Blocks in the call, like a read from a disconnected drive.
  writeFileSync(hung, 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);');
  await expect(openStore({ databasePath, threadPath: hung, folderId: 'mine', limitMs: 300 })).rejects.toMatchObject({
    code: 'thread-died',
    message: expect.stringContaining('did not answer within 0.3 s'),
  });
  const slow = path.join(bench.folder(), 'slow.mjs');
  writeFileSync(
    slow,
    `import { parentPort } from 'node:worker_threads';
     parentPort.postMessage({ notice: { identified: true, warnings: [] } });
     Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4500);
     parentPort.postMessage({ id: 0, ok: true, result: { info: { schemaVersion: 7 }, methods: {} } });`,
  );
  const store = await openStore({ databasePath, threadPath: slow, folderId: 'mine', limitMs: 3000 });
  expect(await store.info()).toEqual({ schemaVersion: 7 });
});

/** The names of the methods of each repository. */
function methods(store: object): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(store).map(([name, member]) => [name, Object.keys(member as object).toSorted()]),
  );
}

describe('the store on its thread', () => {
  it('has every method of its thread', async () => {
    const databasePath = bench.databasePath();
    const store = await open(databasePath);
    const core = bench.open(databasePath);
    const { takeWarnings: _, ...expected } = methods(core);
    expect(methods(store)).toEqual(expected);
    expect(expected['images']).toContain('find');
  });

  it("returns rows with the caller's time", async () => {
    const store = await open(bench.databasePath());
    expect(await store.info()).toEqual({ schemaVersion: latestVersion(migrations), journalMode: 'wal', notices: [] });
    const dataset = await store.datasets.create({ kind: 'yaml', path: '/a.yaml', poolFolders: [] }, ['a']);
    const session = await store.sessions.create(dataset.id, settings);
    expect(dataset.createdAt).toBe('2026-01-01T00:00:01.000Z');
    expect(session.createdAt).toBe('2026-01-01T00:00:02.000Z');
    expect(await store.sessions.list()).toEqual([session]);
    expect(await store.sessions.get(99)).toBeNull();
    expect(await store.sessions.delete(session.id)).toBeUndefined();
    expect(await store.sessions.list()).toEqual([]);
  });

  it('fails with typed errors and continues', async () => {
    const store = await open(bench.databasePath());
    const error: unknown = await store.sessions.create(99, settings).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ name: 'StoreError', code: 'not-found', hint: expect.stringContaining('Refresh') });
    await expect(store.sessions.delete(7)).rejects.toMatchObject({ where: 'training_sessions, id 7' });
    await expect(store.images.find({ datasetId: 1, ids: (() => 1) as never })).rejects.toMatchObject({
      code: 'invalid-value',
      message: expect.stringContaining('images.find'),
    });
    await expect(store.sessions.get({} as never)).rejects.toMatchObject({ code: 'unexpected' });
    expect(await store.sessions.list()).toEqual([]);
  });

  it('reports problems with the file on opening', async () => {
    const databasePath = bench.databasePath();
    writeFileSync(databasePath, 'not a database at all'.repeat(50));
    await expect(openStore({ databasePath, threadPath })).rejects.toMatchObject({
      name: 'StoreError',
      code: 'not-a-database',
      where: databasePath,
    });
    await expect(openStore({ databasePath, threadPath: `${threadPath}.missing` })).rejects.toMatchObject({
      code: 'thread-died',
    });
  });

  it('finishes pending calls before it closes', async () => {
    const databasePath = bench.databasePath();
    const store = await openStore({ databasePath, threadPath });
    const calls = [1, 2, 3].map((number) =>
      store.datasets.create({ kind: 'yaml', path: `/${number}.yaml`, poolFolders: [] }, []),
    );
    const closed = Promise.all([store.close(), store.close()]);
    await expect(store.datasets.list()).rejects.toMatchObject({ code: 'store-closed' });
    await expect(store.dataVersion()).rejects.toMatchObject({ code: 'store-closed' });
    expect((await Promise.all(calls)).map(({ id }) => id)).toEqual([1, 2, 3]);
    await closed;
    await store.close();
    expect(existsSync(`${databasePath}-wal`)).toBe(false);
    expect(bench.open(databasePath).datasets.list()).toHaveLength(3);
  });

  it('does not keep a process alive that does not close it, but finishes its calls', async () => {
    const databasePath = bench.databasePath();
    const source = `
      import { inspectStore, openStore } from ${JSON.stringify(path.join(import.meta.dirname, 'openStore.ts'))};
      const store = await openStore(${JSON.stringify({ databasePath, threadPath })});
      store.datasets.create({ kind: 'yaml', path: '/a.yaml', poolFolders: [] }, []).then(() => console.log('stored'));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output: string[] = [];
    child.stdout.on('data', (data: Buffer) => output.push(data.toString()));
    const [code] = await once(child, 'close');
    expect([code, output.join('')]).toEqual([0, 'stored\n']);
    expect(bench.open(databasePath).datasets.list()).toHaveLength(1);
  });
});

describe('two stores on one file', () => {
  it('may be created at the same moment', async () => {
    const databasePath = bench.databasePath();
    const opened = await Promise.all([1, 2, 3, 4].map(() => open(databasePath)));
    expect(await Promise.all(opened.map((store) => store.info()))).toEqual(
      opened.map(() => ({ schemaVersion: latestVersion(migrations), journalMode: 'wal', notices: [] })),
    );
  });

  it('see changes of each other, and lose nothing if both write', async () => {
    const databasePath = bench.databasePath();
    const { datasetId, rootId, imageIds } = createProject(bench.open(databasePath));
    const [one, two] = await Promise.all([open(databasePath), open(databasePath)]);
    const before = await two.dataVersion();
    const inserted = await Promise.all(
      [one, two].flatMap((store, writer) =>
        Array.from({ length: 20 }, (_, index) =>
          store.images.insert(datasetId, [newImage(rootId, `${writer}-${index}`), newImage(rootId, `shared-${index}`)]),
        ),
      ),
    );
    expect(await one.images.count({ datasetId })).toBe(imageIds.length + 60);
    expect(new Set(inserted.flat()).size).toBe(60);
    expect(await two.dataVersion()).not.toBe(before);
    expect(await two.images.find({ datasetId })).toEqual(await one.images.find({ datasetId }));
  });

  it('create an iteration, take a lease and store a verdict only once', async () => {
    const databasePath = bench.databasePath();
    const { sessionId, imageIds, sampleIds } = createProject(bench.open(databasePath));
    const both = await Promise.all([open(databasePath), open(databasePath)]);
    const created = await codes(both.map((store) => store.iterations.create(sessionId, 1, 'preparing')));
    expect(created.toSorted()).toEqual(['duplicate-iteration', 'ok']);

    const taken = await Promise.all(both.map((store, index) => store.leases.acquire('training', lease(`${index}`))));
    const winner = taken.findIndex(({ acquired }) => acquired);
    expect(taken[1 - winner]).toEqual({ acquired: false, holder: lease(`${winner}`) });

    const begun = await codes(
      both.map(async (store, index) => {
        const owner = lease(`${index}`);
        const event = await store.labelEvents.begin(newEvent(at(imageIds, 0), { sampleId: at(sampleIds, 0), owner }));
        await store.labelEvents.complete(event.id, { labelHash: 'h' });
      }),
    );
    expect(begun).toContain('ok');
    expect(begun.filter((code) => code === 'ok')).toHaveLength(1);
    expect(['image-busy', 'verdict-changed']).toContain(begun.find((code) => code !== 'ok'));
  });
});

describe('a thread that crashes', () => {
  const opens = `const { parentPort } = require('node:worker_threads'); parentPort.postMessage({ id: 0, ok: true });`;

  it.each([
    ['by an exception', `throw new Error('no more')`, 'no more'],
    ['by leaving', 'process.exit(3)', 'code 3'],
  ])('%s fails pending and later calls', async (_, end, reason) => {
    const dying = clientOf(
      `${opens} let calls = 0; parentPort.on('message', () => { if (++calls === 3) { ${end} } });`,
    );
    await dying.opened;
    const failure = { code: 'thread-died', message: expect.stringContaining(reason) };
    const waiting = [1, 2, 3].map(() => dying.call('sessions.list'));
    for (const result of await Promise.allSettled(waiting)) {
      expect(result).toMatchObject({ status: 'rejected', reason: failure });
    }
    await expect(dying.call('sessions.list')).rejects.toMatchObject(failure);
    await dying.close();
  });

  it('is reported if the database is not open yet', async () => {
    await expect(clientOf('process.exit(5)').opened).rejects.toMatchObject({ code: 'thread-died' });
  });
});

describe('the thread', () => {
  it.each([['sessions', 'constructor'], ['constructor'], ['__proto__', 'toString']])(
    'runs nothing but the methods of the store: %s %s',
    async (...names) => {
      const method = names.join('.');
      const options = { databasePath: bench.databasePath() };
      const client = new StoreThread(new Worker(threadPath, { workerData: { options } }), new TestClock());
      await client.opened;
      await expect(client.call(method)).rejects.toMatchObject({
        code: 'unexpected',
        message: `The store has no ${method}`,
      });
      await client.close();
    },
  );
});
