import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { StoreInfo } from '../../workflow/ports/store.ts';
import { answerCall, postNotice, startId, type ThreadCall } from '../platform/threadRpc.ts';
import { inspectDatabase } from './database/foreignDatabase.ts';
import type { DatabaseOptions } from './database/openDatabase.ts';
import { openStoreCore, type StoreCore } from './storeCore.ts';

/** The task of the thread: a database to open or to inspect. */
export type ThreadData = { readonly options: DatabaseOptions } | { readonly inspect: string };

/** The thread's first response, after it has opened the database. */
export interface OpenedStore {
  readonly info: StoreInfo;
  /** The methods of each repository. */
  readonly methods: Readonly<Record<string, readonly string[]>>;
}

export interface StoreNotice {
  /** Whether the database has just been identified as the user's. */
  readonly identified: boolean;
  /** Warnings about omitted rows, each reported once. */
  readonly warnings: readonly string[];
}

/** The store's thread: opens the database, runs calls in order, exits after `close`. */
function serve(port: MessagePort, data: ThreadData): void {
  if ('inspect' in data) {
    answerCall(port, startId, () => inspectDatabase(data.inspect));
    return;
  }
  let now = new Date().toISOString();
  let store: StoreCore | undefined;
  answerCall(port, startId, (): OpenedStore => {
    store = openStoreCore(data.options, { now: () => now }, undefined, () =>
      notify(port, { identified: true, warnings: [] }),
    );
    return { info: store.info(), methods: methodsOf(store) };
  });
  if (store === undefined) return;
  const core = store;
  port.on('message', (call: ThreadCall) => {
    now = call.now ?? now;
    answerCall(port, call.id, () => {
      try {
        return run(core, call);
      } finally {
        const warnings = core.takeWarnings();
        if (warnings.length > 0) notify(port, { identified: false, warnings });
      }
    });
    if (call.method === 'close') port.close();
  });
}

function notify(port: MessagePort, notice: StoreNotice): void {
  postNotice(port, notice);
}

function methodsOf(store: StoreCore): OpenedStore['methods'] {
  const repositories = Object.entries(store).filter(([, member]) => typeof member === 'object');
  return Object.fromEntries(repositories.map(([name, repository]) => [name, Object.keys(repository)]));
}

/** Calls only own methods, so that inherited names such as `constructor` are rejected. */
function run(store: StoreCore, { method, values }: ThreadCall): unknown {
  const names = method.split('.');
  const name = names.pop() ?? '';
  let owner: object = store;
  for (const part of names) owner = Object(ownMember(owner, part));
  const target = ownMember(owner, name);
  if (typeof target === 'function') return target(...values);
  throw new TypeError(`The store has no ${method}`);
}

function ownMember(owner: object, name: string): unknown {
  return Object.hasOwn(owner, name) ? Reflect.get(owner, name) : undefined;
}

if (parentPort !== null) serve(parentPort, workerData as ThreadData);
