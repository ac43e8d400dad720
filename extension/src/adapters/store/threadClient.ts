import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../workflow/ports/clock.ts';
import { StoreError, storeErrorFromReport } from './storeError.ts';
import { identifiedId, openingId } from './threadProtocol.ts';
import type { Call, Reply } from './threadProtocol.ts';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds after which a thread that answers nothing does not keep a process from ending. */
const patience = 5000;
const clients = new Set<ThreadClient>();

// Node waits for its threads when it ends, and a statement of SQLite cannot be stopped from outside.
process.on('exit', () => {
  if ([...clients].some((client) => client.isStuck())) process.kill(process.pid, 'SIGKILL');
});

/** The caller's side of the store's thread: numbers the calls, matches the replies, and fails them when the thread dies. */
export class ThreadClient {
  /** What the thread said once the database was open. */
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = openingId;
  #end: StoreError | null = null;
  #closing: Promise<void> | null = null;
  #limitMs: number | null;
  readonly #onNews: ((message: string) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the thread last had nothing to do or answered; performance.now(). */
  #heard = performance.now();
  #runs = true;

  /** `limitMs`: how long the thread may take for a call, until it says that the database is the user's; null for no limit. */
  constructor(
    worker: Worker,
    clock: Pick<Clock, 'now'>,
    limitMs: number | null = null,
    onNews?: (message: string) => void,
  ) {
    this.#onNews = onNews;
    this.#limitMs = limitMs;
    clients.add(this);
    this.#worker = worker;
    this.#clock = clock;
    worker.on('message', (reply: Reply) => this.#settle(reply));
    worker.on('messageerror', (error) => this.#fail(`sent what cannot be read: ${error.message}`, error));
    worker.on('error', (error) =>
      this.#fail(`stopped: ${error instanceof Error ? error.message : String(error)}`, error),
    );
    worker.on('exit', (code) => {
      this.#runs = false;
      clients.delete(this);
      this.#fail(`ended with code ${code}`);
    });
    this.opened = this.#expect(openingId);
  }

  /** Whether the thread works on one call for so long that nobody waits for its end. */
  isStuck(): boolean {
    const gaveUp = this.#end !== null && this.#runs;
    return gaveUp || (this.#waiting.size > 0 && performance.now() - this.#heard > patience);
  }

  /** Runs a method on the thread. @throws StoreError of that method, `store-closed`, `thread-died`. */
  call(repository: Call['repository'], method: string, values: readonly unknown[]): Promise<unknown> {
    if (this.#closing !== null) {
      return Promise.reject(new StoreError('store-closed', `The session store is closed (${repository}.${method})`));
    }
    return this.#send(repository, method, values);
  }

  /** Lets the calls before it finish, closes the database and waits for the end of the thread. Harmless when repeated. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#end !== null) return;
    try {
      await this.#send('store', 'close', []);
    } finally {
      await this.#worker.terminate();
    }
  }

  #send(repository: Call['repository'], method: string, values: readonly unknown[]): Promise<unknown> {
    if (this.#end !== null) return Promise.reject(this.#end);
    const id = ++this.#lastId;
    const call: Call = { id, now: this.#clock.now(), repository, method, values };
    const result = this.#expect(id);
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage(call);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#take(id)?.reject(
        new StoreError('invalid-value', `${repository}.${method}: a value cannot be sent: ${message}`, {
          cause: error,
        }),
      );
    }
    return result;
  }

  #expect(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#hear();
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
    });
  }

  /** An idle store must not keep a command-line run from ending; a waiting caller must. */
  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) {
      clearTimeout(this.#timer);
      this.#worker.unref();
    }
    return waiting;
  }

  #settle(reply: Reply): void {
    // The database is the user's: from now on a call may take as long as it takes.
    if (reply.id === identifiedId) {
      this.#limitMs = null;
      clearTimeout(this.#timer);
    }
    this.#hear();
    for (const message of reply.news ?? []) this.#onNews?.(message);
    const waiting = this.#take(reply.id);
    if (reply.ok) waiting?.resolve(reply.result);
    else waiting?.reject(storeErrorFromReport(reply.error, reply.stack));
  }

  /** The thread answered, or begins to work: from here on its time counts. */
  #hear(): void {
    this.#heard = performance.now();
    if (this.#limitMs === null) return;
    clearTimeout(this.#timer);
    const seconds = this.#limitMs / 1000;
    this.#timer = setTimeout(() => this.#fail(`did not answer within ${seconds} s`), this.#limitMs).unref();
  }

  #fail(what: string, cause?: unknown): void {
    this.#end ??= new StoreError('thread-died', `The thread of the session store ${what}`, { cause });
    for (const id of this.#waiting.keys()) this.#take(id)?.reject(this.#end);
  }
}
