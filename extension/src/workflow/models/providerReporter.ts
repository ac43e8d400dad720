import { reportProgress, type RunOptions } from '../ports/ports.ts';
import type { Provider } from '../ports/inference.ts';

/**
 * Reports what runs the images of a prediction: always why other providers are not used, and its name when it changes.
 */
export class ProviderReporter {
  readonly #options: RunOptions;
  readonly #step: string;
  readonly #doing: string;
  #name: string | null = null;

  /** @param doing what the model does, such as `Scoring images`. */
  constructor(options: RunOptions, step: string, doing: string) {
    this.#options = options;
    this.#step = step;
    this.#doing = doing;
  }

  /** The last one; null before the first. */
  get name(): string | null {
    return this.#name;
  }

  report({ name, notes }: Provider): void {
    for (const note of notes) reportProgress(this.#options, this.#step, note);
    if (name !== this.#name) reportProgress(this.#options, this.#step, `${this.#doing} on ${name}`);
    this.#name = name;
  }
}
