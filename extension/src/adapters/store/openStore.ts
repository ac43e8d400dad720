import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../workflow/ports/clock.ts';
import type { Store } from '../../workflow/ports/store.ts';
import type { ForeignDatabase } from './database/foreignDatabase.ts';
import type { DatabaseOptions } from './database/openDatabase.ts';
import { StoreThread } from './storeThread.ts';
import type { OpenedStore, ThreadData } from './thread.ts';

export interface StoreOptions extends DatabaseOptions {
  /** The file of the store's thread: `thread.ts` here, or its bundle. */
  readonly threadPath: string;
  /** Whose time the rows carry. Default: the system's. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Receives each damaged row that was left out of a list, once. */
  readonly onNews?: (message: string) => void;
  /** How long a database is read that may come from anywhere, or lie on a drive that does not answer. Default 60 s. */
  readonly limitMs?: number;
}

/** Of a database that is only read, and until it is known to be the user's. */
const readingLimitMs = 60_000;

const systemClock: Pick<Clock, 'now'> = { now: () => new Date().toISOString() };

/**
 * Opens the session database on a separate thread, so that neither a lock nor a long scan blocks the caller.
 * Calls are answered in the order they were made. The thread does not keep the process alive by itself.
 *
 * @throws StoreError `newer-version`, `migration-failed`, `not-a-database`, `foreign-schema`, `database-locked`, `disk-full`,
 * `read-only`, `cannot-open`, `io-error`, `thread-died`, `foreign-database`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { threadPath, clock = systemClock, onNews, limitMs = readingLimitMs, ...databaseOptions } = options;
  const workerData: ThreadData = { options: databaseOptions };
  // No flags of the caller's process: some (`--input-type`) keep a thread from starting.
  const worker = new Worker(path.resolve(threadPath), { workerData, name: 'session store', execArgv: [] });
  const thread = new StoreThread(worker, clock, limitMs, onNews);
  // An abandoned thread must not open the database once its drive responds again.
  thread.opened.catch(() => void worker.terminate());
  const { info, methods } = (await thread.opened) as OpenedStore;
  const repositories = Object.entries(methods).map(([repository, names]) => {
    const calls = names.map((name) => [name, (...values: unknown[]) => thread.call(`${repository}.${name}`, values)]);
    return [repository, Object.fromEntries(calls)];
  });
  return {
    info: () => Promise.resolve(info),
    dataVersion: () => thread.call('dataVersion') as Promise<number>,
    close: () => thread.close(),
    // The thread names the methods of its repositories, so that none has to be listed here.
    ...(Object.fromEntries(repositories) as Omit<Store, 'info' | 'dataVersion' | 'close'>),
  };
}

/**
 * Inspects a database that the user does not trust yet, on a separate thread.
 * @throws StoreError as `lookAtDatabase`; `thread-died` for one that takes longer than the limit.
 */
export async function lookAtStore(
  databasePath: string,
  threadPath: string,
  limitMs = readingLimitMs,
): Promise<ForeignDatabase> {
  const workerData: ThreadData = { lookAt: databasePath };
  const worker = new Worker(path.resolve(threadPath), { workerData, name: 'session store', execArgv: [] });
  const thread = new StoreThread(worker, systemClock, limitMs);
  try {
    return (await thread.opened) as ForeignDatabase;
  } finally {
    const ended = worker.terminate();
    // A thread in the middle of a statement ends when the statement does, which may be never: do not wait for it.
    if (thread.isStuck()) worker.unref();
    else await ended;
  }
}
