import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../workflow/ports/clock.ts';
import { ThreadRpc } from '../platform/threadRpc.ts';
import { StoreError, storeErrorFromReport } from './storeError.ts';
import type { StoreNotice } from './thread.ts';

/** Milliseconds without a response after which a thread no longer keeps the process alive. */
const stuckAfterMs = 5000;
const threads = new Set<StoreThread>();

// On exit, Node waits for its threads, and an SQLite statement cannot be stopped from outside.
process.on('exit', () => {
  if ([...threads].some((thread) => thread.isStuck())) process.kill(process.pid, 'SIGKILL');
});

/** The caller's side of the store's thread. */
export class StoreThread {
  /** Resolves with the thread's `OpenedStore` or `ForeignDatabase`. */
  readonly opened: Promise<unknown>;
  readonly #rpc: ThreadRpc;
  readonly #clock: Pick<Clock, 'now'>;
  #closing: Promise<void> | null = null;
  #runs = true;

  /**
   * @param limitMs time limit of a call until the thread has identified the database as the user's; null for no limit.
   */
  constructor(
    worker: Worker,
    clock: Pick<Clock, 'now'>,
    limitMs: number | null = null,
    onWarning?: (message: string) => void,
  ) {
    this.#clock = clock;
    threads.add(this);
    worker.on('exit', () => {
      this.#runs = false;
      threads.delete(this);
    });
    const errors = {
      died: (what: string, cause?: unknown) =>
        new StoreError('thread-died', `The thread of the session store ${what}`, { cause }),
      thrown: storeErrorFromReport,
      unsendable: (method: string, cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        return new StoreError('invalid-value', `${method}: a value cannot be sent: ${reason}`, { cause });
      },
    };
    this.#rpc = new ThreadRpc(worker, errors, (notice) => {
      const { identified, warnings } = notice as StoreNotice;
      // The database is the user's: from now on calls have no time limit.
      if (identified) this.#rpc.limit(null);
      for (const message of warnings) onWarning?.(message);
    });
    this.#rpc.limit(limitMs);
    this.opened = this.#rpc.started;
  }

  /** Whether the thread has been busy with one call for too long to wait for it. */
  isStuck(): boolean {
    const wasGivenUp = this.#rpc.failure !== null && this.#runs;
    return wasGivenUp || this.#rpc.waitingMs > stuckAfterMs;
  }

  /** Runs a method on the thread, such as `images.find`. @throws StoreError of that method, `store-closed`, `thread-died`. */
  call(method: string, values: readonly unknown[] = []): Promise<unknown> {
    if (this.#closing !== null) {
      return Promise.reject(new StoreError('store-closed', `The session store is closed (${method})`));
    }
    return this.#rpc.call(method, values, this.#clock.now());
  }

  /** Finishes earlier calls, closes the database and waits until the thread has exited. May be repeated. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#rpc.failure !== null) return;
    try {
      await this.#rpc.call('close', [], this.#clock.now());
    } finally {
      await this.#rpc.worker.terminate();
    }
  }
}
