import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import { toErrorReport, type ErrorReport } from '../../core/errors.ts';

/** Caller → thread. */
export interface ThreadCall {
  /** Counts from 1. */
  readonly id: number;
  readonly method: string;
  readonly values: readonly unknown[];
  /** ISO 8601, for threads without a clock. */
  readonly now?: string;
}

/** Thread → caller: the response to a call, or a notice without a call. */
export type ThreadMessage =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: ErrorReport; readonly stack?: string }
  | { readonly notice: unknown };

/** The id of the response that a thread sends after it has started. */
export const startId = 0;

/** Creates the errors of a thread in the caller's error class. */
export interface ThreadErrors {
  /** The thread can no longer respond. `what` is a clause such as `ended with code 1`. */
  died(what: string, cause?: unknown): Error;
  /** Restores an error that a call threw on the thread. */
  thrown(report: ErrorReport, stack?: string): Error;
  /** The structured clone algorithm cannot copy a value of a call. Default: the system error. */
  unsendable?(method: string, cause: unknown): Error;
}

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The caller's side of a worker thread: numbers calls, matches responses, and rejects pending calls if the thread
 * crashes. A pending call keeps the process alive; an idle thread does not.
 */
export class ThreadRpc {
  /** The response that the thread sends after it has started. */
  readonly started: Promise<unknown>;
  readonly worker: Worker;
  readonly #errors: ThreadErrors;
  readonly #onNotice: (notice: unknown) => void;
  readonly #pending = new Map<number, PendingCall>();
  #lastId = startId;
  #failure: Error | null = null;
  #timeoutMs: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Time of the last response, or of the first call after an idle period; performance.now(). */
  #lastAnswer = performance.now();

  /** @param onNotice receives notices of the thread. */
  constructor(worker: Worker, errors: ThreadErrors, onNotice: (notice: unknown) => void = () => undefined) {
    this.worker = worker;
    this.#errors = errors;
    this.#onNotice = onNotice;
    worker.on('message', (message: unknown) => {
      if (isThreadMessage(message)) this.#receive(message);
      else this.fail('sent what is no answer');
    });
    worker.on('messageerror', (error) => this.fail(`sent what cannot be read: ${error.message}`, error));
    worker.on('error', (error) => this.fail(`stopped: ${errorText(error)}`, error));
    worker.on('exit', (code) => this.fail(`ended with code ${code}`));
    this.started = this.#expect(startId);
    // A caller may ignore `started`.
    this.started.catch(() => undefined);
  }

  /** Why the thread can no longer be called, or null. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Milliseconds since the last response while calls are pending; otherwise 0. */
  get waitingMs(): number {
    return this.#pending.size === 0 ? 0 : performance.now() - this.#lastAnswer;
  }

  /** Sets the time limit for a response, after which the thread fails; null for no limit. */
  limit(timeoutMs: number | null): void {
    this.#timeoutMs = timeoutMs;
    this.#restartTimer();
  }

  /** Calls a method on the thread. @throws the error of the method, or that of `died`. */
  call(method: string, values: readonly unknown[], now?: string): Promise<unknown> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const id = ++this.#lastId;
    const result = this.#expect(id);
    try {
      const call: ThreadCall = { id, method, values, ...(now === undefined ? {} : { now }) };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.worker.postMessage(call);
    } catch (error) {
      this.#take(id)?.reject(this.#errors.unsendable?.(method, error) ?? error);
    }
    return result;
  }

  /** Rejects all pending and later calls with the first failure. Does not stop the thread. */
  fail(failure: string | Error, cause?: unknown): void {
    this.#failure ??= typeof failure === 'string' ? this.#errors.died(failure, cause) : failure;
    for (const id of this.#pending.keys()) this.#take(id)?.reject(this.#failure);
  }

  #expect(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#pending.size === 0) this.#lastAnswer = performance.now();
      this.#pending.set(id, { resolve, reject });
      this.#restartTimer();
      this.worker.ref();
    });
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) {
      clearTimeout(this.#timer);
      this.worker.unref();
    }
    return call;
  }

  #receive(message: ThreadMessage): void {
    this.#lastAnswer = performance.now();
    if ('notice' in message) {
      this.#onNotice(message.notice);
      return;
    }
    const call = this.#take(message.id);
    this.#restartTimer();
    if (message.ok) call?.resolve(message.result);
    else call?.reject(this.#errors.thrown(message.error, message.stack));
  }

  /** The time limit of the current call starts at the last response. */
  #restartTimer(): void {
    clearTimeout(this.#timer);
    if (this.#timeoutMs === null || this.#pending.size === 0) return;
    const timeoutMs = this.#timeoutMs;
    const left = Math.max(0, this.#lastAnswer + timeoutMs - performance.now());
    this.#timer = setTimeout(() => this.fail(`did not answer within ${timeoutMs / 1000} s`), left).unref();
  }
}

/** Validates a message, because a thread may run third-party code. */
function isThreadMessage(message: unknown): message is ThreadMessage {
  if (typeof message !== 'object' || message === null) return false;
  if ('notice' in message) return true;
  if (!('id' in message) || !('ok' in message)) return false;
  return message.ok === true || ('error' in message && typeof message.error === 'object' && message.error !== null);
}

/** The thread's side: runs `work` and posts its result or error. @returns whether it succeeded. */
export function answerCall(port: MessagePort, id: number, work: () => unknown): boolean {
  try {
    post(port, { id, ok: true, result: work() });
    return true;
  } catch (error) {
    postError(port, id, error);
    return false;
  }
}

/** The same for asynchronous work. @param transferred objects to move instead of copying. */
export async function answerLater<Result>(
  port: MessagePort,
  id: number,
  work: () => Promise<Result>,
  transferred: (result: Result) => readonly Transferable[] = () => [],
): Promise<void> {
  try {
    const result = await work();
    post(port, { id, ok: true, result }, transferred(result));
  } catch (error) {
    postError(port, id, error);
  }
}

/** Sends a notice to the caller. */
export function postNotice(port: MessagePort, notice: unknown): void {
  post(port, { notice });
}

function post(port: MessagePort, message: ThreadMessage, transferred: readonly Transferable[] = []): void {
  port.postMessage(message, [...transferred]);
}

function postError(port: MessagePort, id: number, error: unknown): void {
  const stack = error instanceof Error ? error.stack : undefined;
  post(port, { id, ok: false, error: toErrorReport(error), ...(stack === undefined ? {} : { stack }) });
}

/** The text of an error; explains `ERR_WORKER_OUT_OF_MEMORY`. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it ran out of memory' : error.message;
}
