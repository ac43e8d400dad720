import type { InferenceImage } from '../../workflow/ports/inference.ts';

export type Source = Iterator<InferenceImage> | AsyncIterator<InferenceImage>;

/** What is left of a source, with the images that were handed out and have no result. Never closes the source. */
export class Remaining implements AsyncIterable<InferenceImage> {
  readonly #ahead: InferenceImage[];
  readonly #source: Source;
  readonly #out = new Map<number, InferenceImage>();
  #ended = false;

  constructor(ahead: readonly InferenceImage[], source: Source) {
    this.#ahead = [...ahead];
    this.#source = source;
  }

  done(imageId: number): void {
    this.#out.delete(imageId);
  }

  /** Whether every image has a result. */
  get isOver(): boolean {
    return this.#ended && this.#out.size === 0;
  }

  /** From the images without a result on. */
  again(): Remaining {
    return new Remaining([...this.#out.values(), ...this.#ahead], this.#source);
  }

  [Symbol.asyncIterator](): AsyncIterator<InferenceImage> {
    return { next: () => this.#next() };
  }

  async #next(): Promise<IteratorResult<InferenceImage>> {
    const image = this.#ahead.shift();
    const step = image === undefined ? await this.#source.next() : { done: false as const, value: image };
    if (step.done === true) this.#ended = true;
    else this.#out.set(step.value.imageId, step.value);
    return step;
  }
}
