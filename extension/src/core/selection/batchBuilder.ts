import { DRAWN_AT_RANDOM } from '../uncertainty/reasons.ts';
import type { CandidateTable } from './candidates.ts';
import { SelectionError } from './errors.ts';
import { LIKE_ANOTHER, WITHOUT_DETECTION } from './reasons.ts';
import type { BatchPart, SelectionContext } from './strategy.ts';
import { topIndexes } from './topIndexes.ts';

/** A selected candidate, by its row in the table. */
export interface PickedImage {
  readonly index: number;
  readonly part: BatchPart;
  readonly reasons: readonly string[];
}

/**
 * Tracks a batch while it is built: selected images, open places, and near duplicates of labelled or selected images.
 */
export class BatchBuilder {
  readonly pool: CandidateTable;
  readonly context: SelectionContext;
  /** Size of the batch, or of the pool if that is smaller. */
  readonly places: number;
  readonly #taken: Uint8Array;
  readonly #groups: ReadonlyMap<number, readonly number[]>;
  readonly #closedGroups = new Set<number>();
  #count = 0;

  /** @throws SelectionError `context-invalid`. */
  constructor(pool: CandidateTable, context: SelectionContext) {
    validate(context);
    this.pool = pool;
    this.context = context;
    this.places = Math.min(context.batchSize, pool.size);
    this.#taken = new Uint8Array(pool.size);
    this.#groups = groupsByImage(context.nearDuplicates ?? []);
    if (this.#groups.size === 0) return;
    for (const imageId of context.labelled?.imageIds ?? []) this.#close(imageId);
    for (const imageId of context.heldOut ?? []) this.#close(imageId);
  }

  get open(): number {
    return this.places - this.#count;
  }

  isTaken(index: number): boolean {
    return this.#taken[index] === 1;
  }

  /** Neither selected nor a near duplicate of a labelled or selected image. */
  isFree(index: number): boolean {
    return this.#taken[index] === 0 && !this.isLikeAnother(index);
  }

  isLikeAnother(index: number): boolean {
    if (this.#groups.size === 0) return false;
    const groups = this.#groups.get(this.pool.imageIds[index] ?? -1);
    return groups !== undefined && groups.some((group) => this.#closedGroups.has(group));
  }

  /**
   * The free and eligible images with the highest values. Of near duplicates, only the highest one counts, so that a
   * burst of frames takes one place in a list. Ties go by image id.
   */
  topScenes(values: Float64Array, count: number, eligible: (index: number) => boolean = () => true): number[] {
    const isOffered = (index: number): boolean => eligible(index) && this.isFree(index);
    if (this.#groups.size === 0) return topIndexes(values, count, isOffered);
    const highest = new Map<number, number>();
    for (let index = 0; index < this.pool.size; index++) {
      const groups = this.#groups.get(this.pool.imageIds[index] ?? -1);
      if (groups === undefined || Number.isNaN(values[index]) || !isOffered(index)) continue;
      for (const group of groups) {
        const best = highest.get(group);
        if (best === undefined || (values[index] as number) > (values[best] as number)) highest.set(group, index);
      }
    }
    return topIndexes(values, count, (index) => {
      const groups = this.#groups.get(this.pool.imageIds[index] ?? -1);
      return groups === undefined ? isOffered(index) : groups.every((group) => highest.get(group) === index);
    });
  }

  take(index: number, part: BatchPart, reasons: readonly string[]): PickedImage {
    this.#taken[index] = 1;
    this.#count++;
    if (this.#groups.size > 0) this.#close(this.pool.imageIds[index] ?? -1);
    return { index, part, reasons };
  }

  /** Draws free and eligible images with equal probability. */
  draw(count: number, part: BatchPart, eligible: (index: number) => boolean = () => true): PickedImage[] {
    return this.#draw(count, part, [DRAWN_AT_RANDOM], (index) => this.isFree(index) && eligible(index));
  }

  /** Draws from the rest if only near duplicates are left. */
  drawNearDuplicates(count: number): PickedImage[] {
    return this.#draw(count, 'filled', [LIKE_ANOTHER], (index) => !this.isTaken(index));
  }

  /** Selects free images without detections by descending score of their best weak candidate. */
  takeWithoutDetections(count: number): PickedImage[] {
    const { hasDetections, bestScores } = this.pool;
    return this.takeHighest(bestScores, count, 'no-detection', (index) => hasDetections[index] === 0).map((pick) => ({
      ...pick,
      reasons: [WITHOUT_DETECTION],
    }));
  }

  /** Selects the free and eligible images with the highest values, ties by image id. The caller gives the reasons. */
  takeHighest(
    values: Float64Array,
    count: number,
    part: BatchPart,
    eligible: (index: number) => boolean = () => true,
  ): PickedImage[] {
    return this.topScenes(values, count, eligible).map((index) => this.take(index, part, []));
  }

  #draw(
    count: number,
    part: BatchPart,
    reasons: readonly string[],
    eligible: (index: number) => boolean,
  ): PickedImage[] {
    const picks: PickedImage[] = [];
    if (count < 1) return picks;
    const urn = new Int32Array(this.pool.size);
    let left = 0;
    for (let index = 0; index < this.pool.size; index++) if (eligible(index)) urn[left++] = index;
    while (picks.length < count && left > 0) {
      const at = Math.floor(this.context.random() * left);
      const index = urn[at] ?? 0;
      urn[at] = urn[--left] ?? 0;
      if (eligible(index)) picks.push(this.take(index, part, reasons));
    }
    return picks;
  }

  #close(imageId: number): void {
    for (const group of this.#groups.get(imageId) ?? []) this.#closedGroups.add(group);
  }
}

function groupsByImage(nearDuplicates: readonly (readonly number[])[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [group, members] of nearDuplicates.entries()) {
    for (const imageId of members) {
      const list = groups.get(imageId);
      if (list) list.push(group);
      else groups.set(imageId, [group]);
    }
  }
  return groups;
}

function validate({ batchSize, zeroDetectionShare = 0, randomShare = 0, minUncertainty }: SelectionContext): void {
  if (!(Number.isInteger(batchSize) && batchSize > 0)) {
    throw invalid(`The batch size is ${batchSize}; it must be a whole number above 0.`);
  }
  if (!(zeroDetectionShare >= 0 && zeroDetectionShare <= 1)) {
    throw invalid(`The share of images without detections is ${zeroDetectionShare}; it lies between 0 and 1.`);
  }
  if (!(randomShare >= 0 && randomShare <= 1)) {
    throw invalid(`The share that is drawn at random is ${randomShare}; it lies between 0 and 1.`);
  }
  if (!(minUncertainty >= 0 && minUncertainty <= 1)) {
    throw invalid(`The minimum uncertainty is ${minUncertainty}; it lies between 0 and 1.`);
  }
}

function invalid(message: string): SelectionError {
  return new SelectionError('context-invalid', message, 'Change the setting of the session.');
}
