import type { ErrorReport } from '../../core/errors.ts';
import type { Store } from '../../workflow/ports/store.ts';
import type { DatabaseOptions } from './openDatabase.ts';

/** The repositories of the store: everything that is not a method of its own. */
export type RepositoryName = {
  [Name in keyof Store]: Store[Name] extends (...values: never[]) => unknown ? never : Name;
}[keyof Store];

/** Every method that may be called across the thread. Records, so that the compiler says when one is missing. */
export const methods: { readonly [Name in RepositoryName]: { readonly [Method in keyof Store[Name]]: true } } = {
  datasets: {
    create: true,
    get: true,
    list: true,
    update: true,
    addRoot: true,
    roots: true,
    moveRoot: true,
    latestRevision: true,
    revision: true,
    addRevision: true,
  },
  images: { insert: true, update: true, get: true, find: true, ids: true, looks: true, count: true },
  sessions: { create: true, get: true, list: true, update: true, delete: true },
  iterations: { create: true, get: true, byNumber: true, list: true, update: true },
  samples: { replaceBatch: true, get: true, list: true, progress: true, openImageIds: true },
  models: {
    create: true,
    list: true,
    get: true,
    byIteration: true,
    setActive: true,
    setBest: true,
    updateMetrics: true,
  },
  predictions: {
    put: true,
    keys: true,
    rescore: true,
    get: true,
    list: true,
    page: true,
    columns: true,
    indexScores: true,
    top: true,
    byClass: true,
    prune: true,
  },
  labelEvents: {
    begin: true,
    complete: true,
    end: true,
    take: true,
    pending: true,
    history: true,
    lastUndoable: true,
  },
  runs: { create: true, get: true, list: true, update: true, addMetrics: true, metrics: true },
  leases: { acquire: true, release: true, holder: true },
};

/** What the thread is started with: a database to open, or one to look at once. */
export type ThreadData = { readonly options: DatabaseOptions } | { readonly lookAt: string };

/** `now` is the caller's clock, so that the rows carry its time. */
export interface Call {
  readonly id: number;
  readonly now: string;
  readonly repository: RepositoryName | 'store';
  readonly method: string;
  readonly values: readonly unknown[];
}

/** `news`: sentences about rows that are left out, told once. */
export type Reply = { readonly news?: readonly string[] } & (
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: ErrorReport; readonly stack?: string }
);

/** The id of the reply that says how opening went; calls count from 1. */
export const openingId = 0;

/** The id of the reply that comes before: the database is the one that is meant. */
export const identifiedId = -1;
