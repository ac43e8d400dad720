import type { InferenceImage } from '../../../workflow/ports/inference.ts';
import type { Stage } from './wire.ts';

export interface Job {
  readonly id: number;
  readonly image: InferenceImage;
  /**
   * Set on an image that was being decoded in a worker that died while it inferred another one, `accused`. Either may
   * be the cause. The suspect is tried again alone: if it passes, the accused was the cause.
   */
  accused: Job | null;
  /** Set on an image of which no result is wanted: it shows whether the model still works. */
  readonly probe?: true;
}

/** What a worker's death means for the images it had. */
export interface Inquest {
  /** The images that are given up. */
  readonly lost: readonly Job[];
  /** To be tried again with others. */
  readonly retry: readonly Job[];
  /** To be tried again alone; it holds the image it stands in for. */
  readonly suspect: Job | null;
}

/** The images that one worker has, in the order they were sent, and what it last said of them. */
export class WorkerJobs {
  readonly #jobs = new Map<number, { readonly job: Job; stage: Stage | 'queued' }>();

  get size(): number {
    return this.#jobs.size;
  }

  /** Whether it works on a suspect or a probe, which must stay alone. */
  get exclusive(): boolean {
    return [...this.#jobs.values()].some(({ job }) => job.accused !== null || job.probe === true);
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
   * Finds the image that a death is laid to: the one being inferred; without one, the one being decoded. Where both were
   * under way, the decoder may be the cause: then the decoded image becomes a suspect.
   * @param silent the worker was ended because it no longer answered, so that the image being inferred is the cause.
   */
  inquest(silent: boolean): Inquest {
    const entries = [...this.#jobs.values()];
    const inferring = entries.find(({ stage }) => stage === 'inferring')?.job ?? null;
    const decoding = entries.find(({ stage }) => stage === 'decoding')?.job ?? null;
    if (inferring !== null && decoding !== null && !silent) {
      decoding.accused = inferring;
      return { lost: [], retry: without(entries, [inferring, decoding]), suspect: decoding };
    }
    const cause = inferring ?? decoding;
    if (cause === null) return { lost: [], retry: without(entries, []), suspect: null };
    const cleared = cause.accused;
    cause.accused = null;
    const retry = without(entries, [cause]);
    return { lost: [cause], retry: cleared === null ? retry : [cleared, ...retry], suspect: null };
  }
}

function without(entries: readonly { readonly job: Job }[], left: readonly Job[]): Job[] {
  return entries.map(({ job }) => job).filter((job) => !left.includes(job));
}
