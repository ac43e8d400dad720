import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { StoreInfo } from '../../workflow/ports/store.ts';
import { answerCall, postNotice, startId, type ThreadCall } from '../platform/threadRpc.ts';
import { lookAtDatabase } from './database/foreignDatabase.ts';
import type { DatabaseOptions } from './database/openDatabase.ts';
import { openStoreCore, type StoreCore } from './storeCore.ts';

/** What the thread is started with: a database to open, or one to look at once. */
export type ThreadData = { readonly options: DatabaseOptions } | { readonly lookAt: string };

/** What the thread answers once the database is open. */
export interface OpenedStore {
  readonly info: StoreInfo;
  /** The methods of each repository. */
  readonly methods: Readonly<Record<string, readonly string[]>>;
}

export interface StoreNotice {
  /** Whether the database is the one that is meant. */
  readonly identified: boolean;
  /** Sentences about rows that were left out, each reported once. */
  readonly news: readonly string[];
}

/** The store's thread: opens the database, answers calls in the order they come, ends after `close`. */
function serve(port: MessagePort, data: ThreadData): void {
  if ('lookAt' in data) {
    answerCall(port, startId, () => lookAtDatabase(data.lookAt));
    return;
  }
  let now = new Date().toISOString();
  let store: StoreCore | undefined;
  answerCall(port, startId, (): OpenedStore => {
    store = openStoreCore(data.options, { now: () => now }, undefined, () =>
      notify(port, { identified: true, news: [] }),
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
        const news = core.takeNews();
        if (news.length > 0) notify(port, { identified: false, news });
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

/** Only methods that an object has itself are run: a name such as `constructor` is inherited. */
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
