import type { AppError } from '../../../core/errors.ts';
import { WorkerProcess, type WorkerCommand, type WorkerDeath } from '../../platform/workerProcess.ts';
import { cancelled, readerFailed } from './readerErrors.ts';
import type { ReaderRequest, FromReader, ToReader } from './readerWire.ts';

export interface ReaderLimits {
  /** A process that has images but sends no message for this long is killed. Default 2 minutes; listings have no limit. */
  readonly imageTimeoutMs: number;
  /** Time without work after which the process is killed. Default 5 seconds. */
  readonly idleMs: number;
  /** Memory in bytes above which the process is replaced. Default 600 MB. */
  readonly mostMemory: number;
}

/** One request. */
interface Job {
  readonly id: number;
  readonly ask: ReaderRequest;
  readonly isImage: boolean;
  /** Whether the job was in progress during a crash: it is retried alone, to see whether it is the cause. */
  retriesAlone: boolean;
  /** Called whenever the job is sent or resent: earlier responses are void. */
  readonly begin?: () => void;
  /** @returns whether this was the last response. */
  readonly answer: (message: FromReader) => boolean;
  readonly kill: (death: WorkerDeath) => void;
  readonly fail: (error: AppError) => void;
}

export type ReaderReplies = Pick<Job, 'begin' | 'answer' | 'kill' | 'fail'>;

/** Jobs to send at a time: more than the process decodes at once, so that it never waits for the next one. */
const mostSent = 8;
/** How many processes in a row may crash before they are ready. */
const mostStarts = 3;

type Worker = WorkerProcess<ToReader, FromReader>;

/** Starts the reader process on demand, and replaces it if it crashes or uses too much memory. */
export class ReaderProcess {
  readonly #command: WorkerCommand;
  readonly #limits: ReaderLimits;
  #worker: Worker | null = null;
  #waiting: Job[] = [];
  #retryAlone: Job[] = [];
  readonly #sent = new Map<number, Job>();
  #count = 0;
  #starts = 0;
  #isReady = false;
  #isFull = false;
  #isScheduled = false;
  #expiry: NodeJS.Timeout | null = null;

  constructor(command: WorkerCommand, limits: Partial<ReaderLimits>) {
    this.#command = command;
    this.#limits = { imageTimeoutMs: 120_000, idleMs: 5000, mostMemory: 600e6, ...limits };
  }

  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  /** Queues a request. @returns a function that cancels it. */
  ask(ask: ReaderRequest, answers: ReaderReplies): () => void {
    this.#count += 1;
    const id = this.#count;
    this.#waiting.push({ id, ask, isImage: 'path' in ask, retriesAlone: false, ...answers });
    this.#schedule();
    return () => this.#drop(id);
  }

  /** Kills the process and cancels all open requests. */
  async close(): Promise<void> {
    for (const { fail } of [...this.#sent.values(), ...this.#retryAlone, ...this.#waiting]) fail(cancelled());
    this.#sent.clear();
    [this.#retryAlone, this.#waiting] = [[], []];
    await this.#end();
  }

  /** Sends all requests of one turn of the event loop in one message. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isFull && this.#sent.size === 0) void this.#end();
    const batch = this.#isFull ? [] : this.#next();
    if (batch.length > 0) {
      const worker = (this.#worker ??= this.#start());
      for (const job of batch) {
        job.begin?.();
        this.#sent.set(job.id, job);
      }
      worker.holdProcess(true);
      worker.send(batch.map(({ id, ask }) => ({ id, ...ask })));
    }
    this.#watch();
  }

  #next(): Job[] {
    const isAlone = [...this.#sent.values()].some(({ retriesAlone }) => retriesAlone);
    if (isAlone) return [];
    if (this.#retryAlone.length > 0) return this.#sent.size === 0 ? this.#retryAlone.splice(0, 1) : [];
    return this.#waiting.splice(0, mostSent - this.#sent.size);
  }

  #start(): Worker {
    const worker = new WorkerProcess<ToReader, FromReader>(this.#command);
    this.#isReady = false;
    worker.listener = {
      onMessage: (message) => this.#receive(message),
      onDeath: (death) => this.#handleExit(death),
    };
    return worker;
  }

  /** Sets the timeout for images. Lets an idle process expire, and does not let it keep this process alive. */
  #watch(): void {
    const worker = this.#worker;
    if (worker === null) return;
    worker.watch([...this.#sent.values()].some(({ isImage }) => isImage) ? this.#limits.imageTimeoutMs : null);
    const isIdle = this.#sent.size === 0;
    if (isIdle && this.#expiry !== null) return;
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    this.#expiry = null;
    if (!isIdle) return;
    worker.holdProcess(false);
    this.#expiry = setTimeout(() => void this.#end(), this.#limits.idleMs);
    this.#expiry.unref();
  }

  #receive(message: FromReader): void {
    if (message.kind === 'ready') {
      this.#isReady = true;
      this.#starts = 0;
    } else {
      if ('rss' in message && message.rss > this.#limits.mostMemory) this.#isFull = true;
      if (this.#sent.get(message.id)?.answer(message) === true) this.#sent.delete(message.id);
    }
    this.#schedule();
  }

  /** After a crash, retries each job alone. A job that crashes the process alone is the cause. */
  #handleExit(death: WorkerDeath): void {
    const lost = [...this.#sent.values()];
    this.#sent.clear();
    this.#forget();
    if (this.#isReady) {
      for (const job of lost) {
        if (job.retriesAlone) job.kill(death);
        else this.#retryAlone.push(Object.assign(job, { retriesAlone: true }));
      }
    } else {
      this.#starts += 1;
      this.#waiting.unshift(...lost);
      if (this.#starts >= mostStarts) {
        this.#starts = 0;
        const failure = readerFailed(death);
        for (const { fail } of [...this.#retryAlone.splice(0), ...this.#waiting.splice(0)]) fail(failure);
      }
    }
    this.#schedule();
  }

  /** Cancels a job. If it is in progress, kills the process, since the job may take long, and sends the others again. */
  #drop(id: number): void {
    const isOther = (job: Job): boolean => job.id !== id;
    this.#waiting = this.#waiting.filter(isOther);
    this.#retryAlone = this.#retryAlone.filter(isOther);
    if (!this.#sent.delete(id)) return;
    const others = [...this.#sent.values()];
    this.#sent.clear();
    this.#retryAlone.unshift(...others.filter(({ retriesAlone }) => retriesAlone));
    this.#waiting.unshift(...others.filter(({ retriesAlone }) => !retriesAlone));
    void this.#end();
    this.#schedule();
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#forget();
    if (worker === null) return;
    worker.listener = null;
    await worker.kill();
  }

  #forget(): void {
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    this.#expiry = null;
    this.#worker = null;
    this.#isFull = false;
  }
}
