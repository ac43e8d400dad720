import { WorkerProcess, type WorkerCommand } from '../../platform/workerProcess.ts';
import type { FromWorker, ToWorker } from './wire.ts';

/** A process that runs a model. */
export type ModelWorker = WorkerProcess<ToWorker, FromWorker>;

interface IdleWorker {
  readonly worker: ModelWorker;
  /** The model that it has loaded. */
  readonly modelKey: string;
  readonly expiry: NodeJS.Timeout;
}

/** Workers that keep their model loaded between `predict` calls. Idle workers do not keep this process alive. */
export class WorkerPool {
  readonly #command: WorkerCommand;
  readonly #idleMs: number;
  readonly #all = new Set<ModelWorker>();
  #idle: IdleWorker[] = [];
  #closed = false;

  /** @param idleMs time without work after which a worker is killed. */
  constructor(command: WorkerCommand, idleMs: number) {
    this.#command = command;
    this.#idleMs = idleMs;
  }

  /** Process ids of all workers, including idle ones. */
  get pids(): number[] {
    return [...this.#all].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** An idle worker, preferably one with this model loaded; otherwise a new one. */
  acquire(modelKey: string): ModelWorker {
    const found = this.#idle.find((entry) => entry.modelKey === modelKey) ?? this.#idle[0];
    if (found === undefined) return this.#start();
    this.#forgetIdle(found.worker);
    found.worker.holdProcess(true);
    return found.worker;
  }

  /**
   * Takes a worker back, or kills it if `keep` others are already idle.
   * @param busyMs set if the worker is still busy with an image: it is killed if that takes longer.
   */
  release(worker: ModelWorker, modelKey: string, keep: number, busyMs: number | null): void {
    if (!worker.alive || this.#closed || this.#idle.length >= keep) {
      this.discard(worker);
      return;
    }
    worker.watch(busyMs);
    worker.listener = {
      onMessage: (message) => {
        if (message.kind !== 'stage') worker.watch(null);
      },
      onDeath: () => this.#forget(worker),
    };
    worker.holdProcess(false);
    const expiry = setTimeout(() => {
      this.#forgetIdle(worker);
      this.discard(worker);
    }, this.#idleMs);
    expiry.unref();
    this.#idle.push({ worker, modelKey, expiry });
  }

  /** Kills a worker that is no longer needed. */
  discard(worker: ModelWorker): void {
    worker.watch(null);
    worker.listener = { onMessage: () => undefined, onDeath: () => this.#forget(worker) };
    if (worker.alive) void worker.kill();
    else this.#forget(worker);
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { worker } of this.#idle) this.#forgetIdle(worker);
    await Promise.all([...this.#all].map((worker) => worker.kill()));
    this.#all.clear();
  }

  #start(): ModelWorker {
    const worker = new WorkerProcess<ToWorker, FromWorker>(this.#command);
    this.#all.add(worker);
    return worker;
  }

  #forget(worker: ModelWorker): void {
    this.#forgetIdle(worker);
    this.#all.delete(worker);
  }

  #forgetIdle(worker: ModelWorker): void {
    const entry = this.#idle.find((idle) => idle.worker === worker);
    if (entry === undefined) return;
    clearTimeout(entry.expiry);
    this.#idle = this.#idle.filter((idle) => idle !== entry);
  }
}
