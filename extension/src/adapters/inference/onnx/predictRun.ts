import type { InferenceImage, InferenceResult } from '../../../workflow/ports/inference.ts';
import { InferenceError } from '../inferenceError.ts';
import { WorkerJobs, type Job } from './jobs.ts';
import { LossGuard } from './lossGuard.ts';
import { keepsFailing, notStarted, workersDie } from './runErrors.ts';
import type { FromWorker, OpenModel } from './wire.ts';
import type { ModelWorker, WorkerPool } from './workerPool.ts';
import type { WorkerDeath } from '../../platform/workerProcess.ts';

export interface Limits {
  /** A worker that has images but sends no message for this long is killed. */
  readonly imageTimeoutMs: number;
  /** The same limit while a worker starts and loads the model. */
  readonly startTimeoutMs: number;
  /** How many workers in a row may crash before they start on an image, for example while loading the model. */
  readonly maxIdleDeaths: number;
}

/** Images per worker: one being inferred, one being decoded, two queued. */
const IN_FLIGHT = 4;

interface Slot {
  readonly worker: ModelWorker;
  readonly jobs: WorkerJobs;
  ready: boolean;
}

/** One `predict` call. Passes images to workers and results to the caller; holds only a few of either in memory. */
export class PredictRun {
  readonly #run: number;
  readonly #pool: WorkerPool;
  readonly #request: OpenModel;
  readonly #modelKey: string;
  readonly #limits: Limits;
  readonly #workers: number;
  readonly #images: Iterator<InferenceImage> | AsyncIterator<InferenceImage>;
  readonly #slots = new Set<Slot>();
  #waiting: Job[] = [];
  readonly #retryAlone: Job[] = [];
  readonly #results: InferenceResult[] = [];
  /** Images taken from the source that have no result yet. */
  #open = 0;
  #nextJob = 1;
  #pulling = false;
  #exhausted = false;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: () => void = () => undefined;
  #idleDeaths = 0;
  readonly #guard = new LossGuard();
  /** Whether the image for a probe is being written. */
  #preparesProbe = false;

  constructor(
    run: number,
    pool: WorkerPool,
    request: OpenModel,
    images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>,
    limits: Limits,
  ) {
    this.#run = run;
    this.#pool = pool;
    this.#request = request;
    this.#modelKey = JSON.stringify([request.model.onnxPath, request.stamp]);
    this.#limits = limits;
    this.#workers = Math.max(1, Math.floor(request.options.workers) || 1);
    this.#images = Symbol.asyncIterator in images ? images[Symbol.asyncIterator]() : images[Symbol.iterator]();
  }

  /** The next result, or null after the last. @throws the error passed to `fail`, errors of the source. */
  async next(): Promise<InferenceResult | null> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure.error;
      void this.#pull();
      const result = this.#results.shift();
      if (result !== undefined) return result;
      if (this.#exhausted && this.#open === 0 && !this.#guard.probing) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Makes the pending and every later `next` throw. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /** Returns the workers and closes the source. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    for (const { worker, jobs } of this.#slots) {
      if (jobs.size > 0) worker.send({ kind: 'clear' });
      this.#pool.release(worker, this.#modelKey, this.#workers, jobs.size > 0 ? this.#limits.imageTimeoutMs : null);
    }
    this.#slots.clear();
    await this.#guard.close();
    if (this.#exhausted) return;
    const returned = Promise.resolve(this.#images.return?.()).catch(() => undefined);
    // A busy source responds to `return` only after its next image, which may never come.
    if (!this.#pulling) await returned;
  }

  /** Reads images from the source up to the limit. */
  async #pull(): Promise<void> {
    if (this.#pulling) return;
    this.#pulling = true;
    try {
      const capacity = this.#workers * IN_FLIGHT;
      while (!this.#exhausted && !this.#stopped() && this.#open + this.#results.length < capacity) {
        const step = await this.#images.next();
        if (step.done === true) {
          this.#exhausted = true;
        } else {
          this.#open += 1;
          this.#waiting.push({ id: this.#nextJob++, image: step.value, inferredMeanwhile: null });
          this.#dispatch();
        }
      }
    } catch (error) {
      this.#exhausted = true;
      this.fail(error);
    }
    this.#pulling = false;
    this.#wake();
  }

  #stopped(): boolean {
    return this.#ended || this.#failure !== null;
  }

  /** Distributes waiting images evenly; starts workers up to one per image. */
  #dispatch(): void {
    if (this.#stopped()) return;
    try {
      const work = this.#open + (this.#guard.probing ? 1 : 0);
      while (this.#slots.size < Math.min(this.#workers, work)) this.#addSlot();
    } catch (cause) {
      this.fail(notStarted(cause));
      return;
    }
    for (const slot of this.#slots) {
      if (!slot.ready || slot.jobs.size > 0) continue;
      const retryAlone = this.#retryAlone.shift();
      if (retryAlone !== undefined) this.#give(slot, retryAlone);
    }
    // An image that must be retried alone needs an empty worker: give no more images to the least busy one.
    const kept = this.#retryAlone.length > 0 || this.#preparesProbe ? this.#leastBusy(null) : null;
    for (let slot = this.#leastBusy(kept); slot !== null; slot = this.#leastBusy(kept)) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#give(slot, job);
    }
  }

  #leastBusy(except: Slot | null): Slot | null {
    let best: Slot | null = null;
    for (const slot of this.#slots) {
      if (slot === except || !slot.ready || slot.jobs.size >= IN_FLIGHT || slot.jobs.exclusive) continue;
      if (best === null || slot.jobs.size < best.jobs.size) best = slot;
    }
    return best;
  }

  #give(slot: Slot, job: Job): void {
    if (slot.jobs.size === 0) slot.worker.watch(this.#limits.imageTimeoutMs);
    slot.jobs.add(job);
    const { imageId, absolutePath } = job.image;
    slot.worker.send({ kind: 'image', run: this.#run, job: job.id, imageId, path: absolutePath });
  }

  #addSlot(): void {
    const worker = this.#pool.acquire(this.#modelKey);
    const slot: Slot = { worker, jobs: new WorkerJobs(), ready: false };
    this.#slots.add(slot);
    worker.listener = {
      onMessage: (message) => this.#onMessage(slot, message),
      onDeath: (death) => this.#onDeath(slot, death),
    };
    worker.watch(this.#limits.startTimeoutMs);
    worker.send({ kind: 'open', run: this.#run, ...this.#request });
  }

  #onMessage(slot: Slot, message: FromWorker): void {
    if (message.run !== this.#run || this.#stopped()) return;
    if (message.kind === 'refused') {
      const { code, message: text, hint, where } = message.error;
      const known = code === 'runtime-missing' ? code : 'model-broken';
      this.fail(new InferenceError(known, text, hint, where === undefined ? {} : { where }));
      return;
    }
    if (message.kind === 'opened') {
      slot.ready = true;
    } else if (message.kind === 'stage') {
      slot.jobs.setStage(message.job, message.stage);
    } else {
      const job = slot.jobs.finish(message.job);
      if (job !== null) this.#finish(job, message.result);
      this.#idleDeaths = 0;
    }
    slot.worker.watch(slot.jobs.size === 0 ? null : this.#limits.imageTimeoutMs);
    this.#dispatch();
  }

  #finish(job: Job, result: InferenceResult): void {
    if (job.probe === true) {
      this.#endProbe(result);
      return;
    }
    if (result.ok) this.#guard.rememberGood(job.image);
    const { inferredMeanwhile } = job;
    job.inferredMeanwhile = null;
    this.#yield(withOwnMemory(result));
    if (inferredMeanwhile !== null) this.#lose(inferredMeanwhile, 'the worker process died');
  }

  #onDeath(slot: Slot, death: WorkerDeath): void {
    this.#slots.delete(slot);
    this.#pool.discard(slot.worker);
    if (this.#stopped()) return;
    const { lost, retry, retryAlone } = slot.jobs.analyseCrash(death.timedOut);
    for (const job of lost) {
      if (job.probe === true) this.#endProbe(null);
      else this.#lose(job, `the worker process ${death.how}`, death.stderr);
    }
    this.#waiting = [...retry.filter(({ probe }) => probe !== true), ...this.#waiting];
    this.#retryAlone.push(...retry.filter(({ probe }) => probe === true));
    if (retryAlone !== null) this.#retryAlone.push(retryAlone);
    if (lost.length === 0 && retryAlone === null) {
      this.#idleDeaths += 1;
      if (this.#idleDeaths >= this.#limits.maxIdleDeaths) {
        this.fail(workersDie(death, this.#idleDeaths, this.#request.model.onnxPath));
      }
    }
    this.#dispatch();
  }

  #lose(job: Job, what: string, stderr = ''): void {
    const { imageId, absolutePath } = job.image;
    const message = `While it worked on ${absolutePath}, ${what}.${stderr === '' ? '' : ` It wrote: ${stderr}`}`;
    this.#yield({ ok: false, imageId, code: 'worker-crashed', message });
  }

  #yield(result: InferenceResult): void {
    this.#open -= 1;
    this.#results.push(result);
    const decision = this.#guard.record(result);
    if (decision === 'give-up') this.#giveUp();
    else if (decision === 'probe') void this.#beginProbe();
    this.#wake();
  }

  /** After several losses, a good image shows whether the images or the model are the cause. */
  async #beginProbe(): Promise<void> {
    this.#preparesProbe = true;
    try {
      const image = await this.#guard.goodImage();
      this.#preparesProbe = false;
      this.#retryAlone.push({ id: this.#nextJob++, image, inferredMeanwhile: null, probe: true });
      this.#dispatch();
    } catch (error) {
      this.fail(error);
    }
  }

  /** @param result null if the worker crashed. */
  #endProbe(result: InferenceResult | null): void {
    const decision = this.#guard.endProbe(result);
    if (decision === 'give-up') this.#giveUp();
    else if (decision === 'probe') void this.#beginProbe();
    this.#wake();
  }

  #giveUp(): void {
    this.fail(keepsFailing(this.#guard.losses, this.#guard.last, this.#request.model.onnxPath));
  }
}

/** Copies the embedding: the received one is a view of the whole message and would keep that in memory. */
function withOwnMemory(result: InferenceResult): InferenceResult {
  return result.ok && result.embedding !== undefined ? { ...result, embedding: result.embedding.slice() } : result;
}
