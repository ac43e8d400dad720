import type { InferenceImage } from '../../../workflow/ports/inference.ts';

export type ImageIterator = Iterator<InferenceImage> | AsyncIterator<InferenceImage>;

/** A source with at most one read in progress. Its next image goes to the first caller of `take`. */
class Feed {
  readonly #ahead: InferenceImage[];
  readonly #source: ImageIterator;
  #reading: Promise<void> | null = null;
  #ended = false;
  failure: { readonly error: unknown } | null = null;

  constructor(ahead: readonly InferenceImage[], source: ImageIterator) {
    this.#ahead = [...ahead];
    this.#source = source;
  }

  /** Whether the source has ended and all its images were taken. */
  get isEmpty(): boolean {
    return this.#ended && this.#ahead.length === 0;
  }

  take(): InferenceImage | undefined {
    return this.#ahead.shift();
  }

  /** Puts images in front of all others. */
  putBack(images: Iterable<InferenceImage>): void {
    this.#ahead.unshift(...images);
  }

  /** Waits for one read of the source. @throws the error of the source, now or earlier. */
  async read(): Promise<void> {
    this.#reading ??= this.#readOne();
    await this.#reading;
    if (this.failure !== null) throw this.failure.error;
  }

  async #readOne(): Promise<void> {
    try {
      // Don't read again after an error: a generator then reports that it is done.
      const step = this.failure === null && !this.#ended ? await this.#source.next() : null;
      if (step?.done === true) this.#ended = true;
      else if (step !== null) this.#ahead.push(step.value);
    } catch (error) {
      this.failure = { error };
    } finally {
      this.#reading = null;
    }
  }
}

/** The rest of a source, including the images taken from it that have no result. Never closes the source. */
export class RemainingImages implements AsyncIterable<InferenceImage> {
  readonly #feed: Feed;
  readonly #out = new Map<number, InferenceImage>();
  #isReplaced = false;

  private constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** The images read ahead, then the rest of the source. */
  static of(ahead: readonly InferenceImage[], source: ImageIterator): RemainingImages {
    return new RemainingImages(new Feed(ahead, source));
  }

  done(imageId: number): void {
    this.#out.delete(imageId);
  }

  /** Whether every image has a result. */
  get isOver(): boolean {
    return this.#feed.isEmpty && this.#out.size === 0;
  }

  /** @throws the error of the source, if it failed. */
  throwIfSourceFailed(): void {
    if (this.#feed.failure !== null) throw this.#feed.failure.error;
  }

  /**
   * A replacement that starts with the images without a result. This object ends: an image that it still waits for goes
   * to the replacement.
   */
  again(): RemainingImages {
    this.#isReplaced = true;
    this.#feed.putBack(this.#out.values());
    this.#out.clear();
    return new RemainingImages(this.#feed);
  }

  [Symbol.asyncIterator](): AsyncIterator<InferenceImage> {
    return { next: () => this.#next() };
  }

  async #next(): Promise<IteratorResult<InferenceImage>> {
    while (!this.#isReplaced) {
      const image = this.#feed.take();
      if (image !== undefined) {
        this.#out.set(image.imageId, image);
        return { done: false, value: image };
      }
      if (this.#feed.isEmpty) break;
      await this.#feed.read();
    }
    return { done: true, value: undefined };
  }
}
