import type { InferenceImage, InferenceResult } from '../../../workflow/ports/inference.ts';
import { ProbeImage } from './probeImage.ts';

/** How many images in a row may be lost before a probe checks whether the model is the cause. */
const mostLosses = 8;
/** Probes while no image has had a result: a model that fails on every real image must end, too. */
const mostDoubts = 4;

/** `probe`: an image that is good should be tried. `give-up`: the model is the cause. */
export type LossVerdict = 'go-on' | 'probe' | 'give-up';

/**
 * Distinguishes a model that fails on everything from bad images that follow each other, such as a folder of truncated files that
 * a decoder crashes at: images that had a result before still have one.
 */
export class LossGuard {
  /** Images lost since the last that had a result. */
  losses = 0;
  /** The message of the last loss. */
  last = '';
  /** Whether a probe is in progress. */
  probing = false;
  #sinceProbe = 0;
  #doubts = 0;
  #worked = false;
  #good: InferenceImage | null = null;
  #probed: InferenceImage | null = null;
  readonly #own = new ProbeImage();

  /** Remembers an image that had a result. */
  sawGood(image: InferenceImage): void {
    this.#good = image;
  }

  see(result: InferenceResult): LossVerdict {
    if (result.ok) {
      this.#worked = true;
      this.losses = 0;
      this.#sinceProbe = 0;
      return 'go-on';
    }
    if (result.code !== 'worker-crashed') return 'go-on';
    this.losses += 1;
    this.#sinceProbe += 1;
    this.last = result.message;
    if (this.probing || this.#sinceProbe < mostLosses) return 'go-on';
    if (!this.#worked && this.#doubts >= mostDoubts) return 'give-up';
    this.probing = true;
    return 'probe';
  }

  /** The image to try: the last that had a result, otherwise one of our own. @throws what writing it throws. */
  async goodImage(): Promise<InferenceImage> {
    this.#probed = this.#good;
    return this.#good ?? { imageId: -1, absolutePath: await this.#own.path() };
  }

  /** Removes what it wrote. */
  close(): Promise<void> {
    return this.#own.remove();
  }

  /** @param result of the image to try; null when it was lost. */
  endProbe(result: InferenceResult | null): LossVerdict {
    if (result?.ok === false && result.code === 'unreadable-image' && this.#probed !== null) {
      // Somebody removed it meanwhile.
      this.#good = null;
      return 'probe';
    }
    this.probing = false;
    if (result?.ok !== true) return 'give-up';
    this.#sinceProbe = 0;
    this.#doubts += 1;
    return 'go-on';
  }
}
