import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../workflow/ports/clock.ts';
import type { Store } from '../../workflow/ports/store.ts';
import type { ForeignDatabase } from './database/foreignDatabase.ts';
import type { DatabaseOptions } from './database/openDatabase.ts';
import { StoreThread } from './storeThread.ts';
import type { OpenedStore, ThreadData } from './thread.ts';

export interface StoreOptions extends DatabaseOptions {
  /** The entry file of the store's thread: `thread.ts` or its bundle. */
  readonly threadPath: string;
  /** The clock for the times in rows. Default: the system clock. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Called once for each damaged row that a list omits. */
  readonly onWarning?: (message: string) => void;
  /** Time limit for reading an unidentified database, or one on a drive that does not respond. Default 60 s. */
  readonly limitMs?: number;
}

/** Applies to a database that is only read, or not yet identified as the user's. */
const readingLimitMs = 60_000;

const systemClock: Pick<Clock, 'now'> = { now: () => new Date().toISOString() };

/**
 * Opens the session database on a separate thread, so that neither a lock nor a long scan blocks the caller.
 * The thread runs calls in order. It does not keep the process alive.
 *
 * @throws StoreError `newer-version`, `migration-failed`, `not-a-database`, `foreign-schema`, `database-locked`, `disk-full`,
 * `read-only`, `cannot-open`, `io-error`, `thread-died`, `foreign-database`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { threadPath, clock = systemClock, onWarning, limitMs = readingLimitMs, ...databaseOptions } = options;
  const workerData: ThreadData = { options: databaseOptions };
  // Don't inherit flags of the process: some (`--input-type`) prevent a thread from starting.
  const worker = new Worker(path.resolve(threadPath), { workerData, name: 'session store', execArgv: [] });
  const thread = new StoreThread(worker, clock, limitMs, onWarning);
  // An abandoned thread must not open the database when its drive responds again.
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
    // The thread lists the methods of its repositories, so that this file need not.
    ...(Object.fromEntries(repositories) as Omit<Store, 'info' | 'dataVersion' | 'close'>),
  };
}

/**
 * Inspects a database that the user does not trust yet, on a separate thread.
 * @throws StoreError as `inspectDatabase`; `thread-died` after the time limit.
 */
export async function inspectStore(
  databasePath: string,
  threadPath: string,
  limitMs = readingLimitMs,
): Promise<ForeignDatabase> {
  const workerData: ThreadData = { inspect: databasePath };
  const worker = new Worker(path.resolve(threadPath), { workerData, name: 'session store', execArgv: [] });
  const thread = new StoreThread(worker, systemClock, limitMs);
  try {
    return (await thread.opened) as ForeignDatabase;
  } finally {
    const ended = worker.terminate();
    // A thread cannot end during a statement, which may never finish: don't wait for it.
    if (thread.isStuck()) worker.unref();
    else await ended;
  }
}
