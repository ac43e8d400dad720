import { parentPort, workerData } from 'node:worker_threads';
import { toErrorReport } from '../../core/errors.ts';
import { lookAtDatabase } from './foreignDatabase.ts';
import { openStoreCore } from './storeCore.ts';
import type { StoreCore } from './storeCore.ts';
import { identifiedId, methods, openingId } from './threadProtocol.ts';
import type { Call, Reply, ThreadData } from './threadProtocol.ts';

/** The store's thread: opens the database, answers calls in the order they come, ends after `close`. */
function serve(port: NonNullable<typeof parentPort>, data: ThreadData): void {
  let now = new Date().toISOString();
  let store: StoreCore | undefined;
  const answer = (id: number, work: () => unknown): boolean => {
    let reply: Reply;
    try {
      reply = { id, ok: true, result: work() };
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      reply = { id, ok: false, error: toErrorReport(error), ...(stack === undefined ? {} : { stack }) };
    }
    const news = store?.takeNews() ?? [];
    port.postMessage(news.length === 0 ? reply : { ...reply, news });
    return reply.ok;
  };

  if ('lookAt' in data) {
    answer(openingId, () => lookAtDatabase(data.lookAt));
    return;
  }
  const { options } = data;
  const isOpen = answer(openingId, () => {
    store = openStoreCore(options, { now: () => now }, undefined, () => answer(identifiedId, () => null));
    return store.info();
  });
  if (!isOpen || store === undefined) return;
  const core = store;
  port.on('message', (call: Call) => {
    now = call.now;
    answer(call.id, () => run(core, call));
    if (call.repository === 'store' && call.method === 'close') port.close();
  });
}

function run(store: StoreCore, { repository, method, values }: Call): unknown {
  if (repository === 'store') {
    if (method === 'dataVersion') return store.dataVersion();
    if (method === 'close') return store.close();
  } else if (Object.hasOwn(methods, repository) && Object.hasOwn(methods[repository], method)) {
    const target: unknown = Reflect.get(store[repository], method);
    if (typeof target === 'function') return target(...values);
  }
  throw new TypeError(`The store has no ${repository}.${method}`);
}

if (parentPort !== null) serve(parentPort, workerData as ThreadData);
