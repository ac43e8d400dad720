import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../workflow/ports/clock.ts';
import type { Store, StoreInfo } from '../../workflow/ports/store.ts';
import type { ForeignDatabase } from './foreignDatabase.ts';
import type { DatabaseOptions } from './openDatabase.ts';
import { ThreadClient } from './threadClient.ts';
import { methods } from './threadProtocol.ts';
import type { RepositoryName, ThreadData } from './threadProtocol.ts';

export interface StoreOptions extends DatabaseOptions {
  /** The file of the store's thread: `thread.ts` here, or its bundle. */
  readonly threadPath: string;
  /** Whose time the rows carry. Default: the system's. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Told of a damaged row that a list came without, once for each row. */
  readonly onNews?: (message: string) => void;
  /** How long a database is read that may come from anywhere, or lie on a drive that does not answer. Default 60 s. */
  readonly limitMs?: number;
}

/** Of a database that is only read, and until it is known to be the user's. */
const readingLimitMs = 60_000;

const systemClock: Pick<Clock, 'now'> = { now: () => new Date().toISOString() };

/** The repository of that name, with every method a call across the thread. */
function repository<Name extends RepositoryName>(client: ThreadClient, name: Name): Store[Name] {
  const calls = Object.keys(methods[name]).map((method) => [
    method,
    (...values: unknown[]) => client.call(name, method, values),
  ]);
  return Object.fromEntries(calls) as Store[Name];
}

/**
 * Opens the session database on a thread of its own, so that neither a lock nor a long scan stops the caller.
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
  const client = new ThreadClient(worker, clock, limitMs, onNews);
  // A thread that was given up must not go on to open the database once its drive answers again.
  client.opened.catch(() => void worker.terminate());
  const info = (await client.opened) as StoreInfo;
  return {
    info: () => Promise.resolve(info),
    dataVersion: () => client.call('store', 'dataVersion', []) as Promise<number>,
    close: () => client.close(),
    datasets: repository(client, 'datasets'),
    images: repository(client, 'images'),
    sessions: repository(client, 'sessions'),
    iterations: repository(client, 'iterations'),
    samples: repository(client, 'samples'),
    models: repository(client, 'models'),
    predictions: repository(client, 'predictions'),
    labelEvents: repository(client, 'labelEvents'),
    runs: repository(client, 'runs'),
    leases: repository(client, 'leases'),
  };
}

/**
 * Looks at a database that nobody trusts yet, on a thread of its own.
 * @throws StoreError as `lookAtDatabase`; `thread-died` for one that takes longer than the limit.
 */
export async function lookAtStore(
  databasePath: string,
  threadPath: string,
  limitMs = readingLimitMs,
): Promise<ForeignDatabase> {
  const workerData: ThreadData = { lookAt: databasePath };
  const worker = new Worker(path.resolve(threadPath), { workerData, name: 'session store', execArgv: [] });
  const client = new ThreadClient(worker, systemClock, limitMs);
  try {
    return (await client.opened) as ForeignDatabase;
  } finally {
    const ended = worker.terminate();
    // A thread in the middle of a statement ends when that does, which may be never: nobody waits for it.
    if (client.isStuck()) worker.unref();
    else await ended;
  }
}
