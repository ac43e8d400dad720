import type { InferenceImage, InferenceResult } from '../../../workflow/ports/inference.ts';
import { ProbeImage } from './probeImage.ts';

/** Number of images lost in a row after which a probe checks whether the model is the cause. */
const maxLossesInARow = 8;
/** Maximum number of probes before the first result: a model that fails on every real image must end the run too. */
const maxProbes = 4;

/** `probe`: try a known good image. `give-up`: the model is the cause. */
export type LossDecision = 'go-on' | 'probe' | 'give-up';

/**
 * Distinguishes a broken model from consecutive bad images, such as a folder of truncated files that crash the decoder:
 * with a working model, an image that had a result before has one again.
 */
export class LossGuard {
  /** Images lost since the last result. */
  losses = 0;
  /** The message of the last loss. */
  last = '';
  /** Whether a probe is in progress. */
  probing = false;
  #sinceProbe = 0;
  #probes = 0;
  #worked = false;
  #good: InferenceImage | null = null;
  #probed: InferenceImage | null = null;
  readonly #own = new ProbeImage();

  /** Remembers an image that had a result, as the next probe. */
  rememberGood(image: InferenceImage): void {
    this.#good = image;
  }

  record(result: InferenceResult): LossDecision {
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
    if (this.probing || this.#sinceProbe < maxLossesInARow) return 'go-on';
    if (!this.#worked && this.#probes >= maxProbes) return 'give-up';
    this.probing = true;
    return 'probe';
  }

  /** The image for a probe: the last one with a result, otherwise a generated one. @throws errors of writing that. */
  async goodImage(): Promise<InferenceImage> {
    this.#probed = this.#good;
    return this.#good ?? { imageId: -1, absolutePath: await this.#own.path() };
  }

  /** Removes the generated image. */
  close(): Promise<void> {
    return this.#own.remove();
  }

  /** @param result of the probe; null if its worker crashed. */
  endProbe(result: InferenceResult | null): LossDecision {
    if (result?.ok === false && result.code === 'unreadable-image' && this.#probed !== null) {
      // Someone removed the image meanwhile.
      this.#good = null;
      return 'probe';
    }
    this.probing = false;
    if (result?.ok !== true) return 'give-up';
    this.#sinceProbe = 0;
    this.#probes += 1;
    return 'go-on';
  }
}
