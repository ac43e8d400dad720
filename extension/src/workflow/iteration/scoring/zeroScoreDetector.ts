import { WorkflowError } from '../../shared/errors.ts';

/** A model that gives no score above 0 for this many images counts as broken. */
const ENOUGH = 32;
/** In a smaller pool, this many images are enough once all are scored. */
const ENOUGH_AT_END = 8;

/**
 * Detects a model whose scores are all 0: a known fault of int8 exports that quantise boxes and scores with one scale,
 * so that scores between 0 and 1 vanish beside coordinates in the hundreds. A working model never gives exactly 0 for
 * every box of an image, and certainly not for all images.
 */
export class ZeroScoreDetector {
  #seen = 0;
  #hasScore = false;

  /**
   * Records the best score of one image's boxes, 0…1.
   * @throws WorkflowError `model-silent` if this many images had none above 0.
   */
  see(bestScore: number): void {
    this.#seen++;
    if (bestScore > 0) this.#hasScore = true;
    if (!this.#hasScore && this.#seen >= ENOUGH) throw this.#allZero();
  }

  /** @throws WorkflowError `model-silent`. */
  end(): void {
    if (!this.#hasScore && this.#seen >= ENOUGH_AT_END) throw this.#allZero();
  }

  #allZero(): WorkflowError {
    return new WorkflowError(
      'model-silent',
      `The model gives 0 for every box of ${this.#seen} images, so it cannot rank the pool. Quantised (int8) models do this if boxes and scores were rounded with one scale.`,
      'Train the iteration again, or replace the model by one that was exported without int8.',
    );
  }
}
