import type { InferenceImage } from '../../../workflow/ports/inference.ts';
import type { Stage } from './wire.ts';

export interface Job {
  readonly id: number;
  readonly image: InferenceImage;
  /**
   * Set if a worker crashed while it decoded this image and inferred another one. Either may be the cause, so this image
   * is retried alone: if it passes, the inferred one caused the crash.
   */
  inferredMeanwhile: Job | null;
  /** Set on an image that only shows whether the model still works; its result is discarded. */
  readonly probe?: true;
}

/** What happens to a worker's images after it crashed. */
export interface CrashAnalysis {
  /** Images that get no result. */
  readonly lost: readonly Job[];
  /** Images to retry together with others. */
  readonly retry: readonly Job[];
  /** An image to retry alone; its `inferredMeanwhile` waits for the outcome. */
  readonly retryAlone: Job | null;
}

/** The images of one worker in the order they were sent, and the last stage that it reported for each. */
export class WorkerJobs {
  readonly #jobs = new Map<number, { readonly job: Job; stage: Stage | 'queued' }>();

  get size(): number {
    return this.#jobs.size;
  }

  /** Whether the worker's image must be its only one: a retry after a crash, or a probe. */
  get exclusive(): boolean {
    return [...this.#jobs.values()].some(({ job }) => job.inferredMeanwhile !== null || job.probe === true);
  }

  add(job: Job): void {
    this.#jobs.set(job.id, { job, stage: 'queued' });
  }

  setStage(id: number, stage: Stage): void {
    const entry = this.#jobs.get(id);
    if (entry !== undefined) entry.stage = stage;
  }

  finish(id: number): Job | null {
    const entry = this.#jobs.get(id);
    this.#jobs.delete(id);
    return entry?.job ?? null;
  }

  all(): Job[] {
    return [...this.#jobs.values()].map(({ job }) => job);
  }

  /**
   * Finds the image that caused a crash: the one being inferred, otherwise the one being decoded. If both were in
   * progress, the decoder may be the cause, so the decoded image is retried alone.
   * @param timedOut the worker was killed because it stopped responding: the image being inferred is the cause.
   */
  analyseCrash(timedOut: boolean): CrashAnalysis {
    const entries = [...this.#jobs.values()];
    const inferring = entries.find(({ stage }) => stage === 'inferring')?.job ?? null;
    const decoding = entries.find(({ stage }) => stage === 'decoding')?.job ?? null;
    if (inferring !== null && decoding !== null && !timedOut) {
      decoding.inferredMeanwhile = inferring;
      return { lost: [], retry: without(entries, [inferring, decoding]), retryAlone: decoding };
    }
    const cause = inferring ?? decoding;
    if (cause === null) return { lost: [], retry: without(entries, []), retryAlone: null };
    const other = cause.inferredMeanwhile;
    cause.inferredMeanwhile = null;
    const retry = without(entries, [cause]);
    return { lost: [cause], retry: other === null ? retry : [other, ...retry], retryAlone: null };
  }
}

function without(entries: readonly { readonly job: Job }[], left: readonly Job[]): Job[] {
  return entries.map(({ job }) => job).filter((job) => !left.includes(job));
}
