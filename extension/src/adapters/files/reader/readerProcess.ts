import type { AppError } from '../../../core/errors.ts';
import { WorkerProcess, type WorkerCommand, type WorkerDeath } from '../../platform/workerProcess.ts';
import { cancelled, readerFailed } from './readerErrors.ts';
import type { ReaderRequest, FromReader, ToReader } from './readerWire.ts';

export interface ReaderLimits {
  /** A process that stays silent on its images for this long is ended. Default 2 minutes; a listing may take longer. */
  readonly imageTimeoutMs: number;
  /** Without work the process is ended after this long. Default 5 seconds. */
  readonly idleMs: number;
  /** A process that holds more bytes than this is replaced by a new one. Default 600 MB. */
  readonly mostMemory: number;
}

/** One thing that is asked for. */
interface Job {
  readonly id: number;
  readonly ask: ReaderRequest;
  readonly isImage: boolean;
  /** It was under way when a process died: the next one has it alone, to see whether it is the cause. */
  suspect: boolean;
  /** It is sent, perhaps again: answers so far do not count. */
  readonly begin?: () => void;
  /** @returns whether this was the last answer. */
  readonly answer: (message: FromReader) => boolean;
  readonly kill: (death: WorkerDeath) => void;
  readonly fail: (error: AppError) => void;
}

export type ReaderReplies = Pick<Job, 'begin' | 'answer' | 'kill' | 'fail'>;

/** Jobs that the process has at a time: more images than it decodes at once, so that it never waits for the next. */
const mostSent = 8;
/** How many processes in a row may die before they are ready. */
const mostStarts = 3;

type Worker = WorkerProcess<ToReader, FromReader>;

/** The process that reads, which is there while there is something to read. It is replaced when it dies or grows. */
export class ReaderProcess {
  readonly #command: WorkerCommand;
  readonly #limits: ReaderLimits;
  #worker: Worker | null = null;
  #waiting: Job[] = [];
  #suspects: Job[] = [];
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

  /** Asks for something. @returns what takes it back. */
  ask(ask: ReaderRequest, answers: ReaderReplies): () => void {
    this.#count += 1;
    const id = this.#count;
    this.#waiting.push({ id, ask, isImage: 'path' in ask, suspect: false, ...answers });
    this.#schedule();
    return () => this.#drop(id);
  }

  /** Ends the process; what is still asked for is cancelled. */
  async close(): Promise<void> {
    for (const { fail } of [...this.#sent.values(), ...this.#suspects, ...this.#waiting]) fail(cancelled());
    this.#sent.clear();
    [this.#suspects, this.#waiting] = [[], []];
    await this.#end();
  }

  /** What is asked for in one turn goes out in one message. */
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
    const isAlone = [...this.#sent.values()].some(({ suspect }) => suspect);
    if (isAlone) return [];
    if (this.#suspects.length > 0) return this.#sent.size === 0 ? this.#suspects.splice(0, 1) : [];
    return this.#waiting.splice(0, mostSent - this.#sent.size);
  }

  #start(): Worker {
    const worker = new WorkerProcess<ToReader, FromReader>(this.#command);
    this.#isReady = false;
    worker.listener = {
      onMessage: (message) => this.#receive(message),
      onDeath: (death) => this.#bury(death),
    };
    return worker;
  }

  /** Images are watched; an idle process must neither keep this one from ending nor outlast its use for long. */
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

  /** The process died by itself. What it had is tried again, each alone; what kills a process alone is the cause. */
  #bury(death: WorkerDeath): void {
    const lost = [...this.#sent.values()];
    this.#sent.clear();
    this.#forget();
    if (this.#isReady) {
      for (const job of lost) {
        if (job.suspect) job.kill(death);
        else this.#suspects.push(Object.assign(job, { suspect: true }));
      }
    } else {
      this.#starts += 1;
      this.#waiting.unshift(...lost);
      if (this.#starts >= mostStarts) {
        this.#starts = 0;
        const failure = readerFailed(death);
        for (const { fail } of [...this.#suspects.splice(0), ...this.#waiting.splice(0)]) fail(failure);
      }
    }
    this.#schedule();
  }

  /** One is no longer wanted. If it is under way, it may take long: the process ends, and the others are sent again. */
  #drop(id: number): void {
    const isOther = (job: Job): boolean => job.id !== id;
    this.#waiting = this.#waiting.filter(isOther);
    this.#suspects = this.#suspects.filter(isOther);
    if (!this.#sent.delete(id)) return;
    const others = [...this.#sent.values()];
    this.#sent.clear();
    this.#suspects.unshift(...others.filter(({ suspect }) => suspect));
    this.#waiting.unshift(...others.filter(({ suspect }) => !suspect));
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
