import { createRandom, seedFrom, shuffled, type Random } from '../core/random.ts';
import type { DefectClass } from './defects/defect.ts';
import { freshSeed, pickWeighted } from './draw/draws.ts';

/** One picture to make. Frames of one part share `sceneSeed`; the first frame has `frameSeed` undefined. */
export interface PlannedImage {
  /** Without folder and extension: `part-0042-1`. */
  readonly name: string;
  readonly split: 'train' | 'val';
  readonly labelled: boolean;
  readonly sceneSeed: number;
  readonly frameSeed: number | undefined;
  readonly classes: readonly DefectClass[];
}

export interface PlanOptions {
  readonly seed: number;
  /** Training images, labelled ones and pool together. */
  readonly images: number;
  readonly labelled: number;
  readonly validation: number;
}

/** Classes by frequency: cracks are rare. */
const classDeck: readonly DefectClass[] = [
  ...Array.from({ length: 7 }, () => 'scratch' as const),
  ...Array.from({ length: 5 }, () => 'dent' as const),
  ...Array.from({ length: 5 }, () => 'stain' as const),
  ...Array.from({ length: 3 }, () => 'crack' as const),
];

/** Defects a part: every fifth part has none. */
const countDeck: readonly number[] = [0, 0, 1, 2, 2, 2, 3, 3, 4, 4];

/**
 * Decides what each picture shows before anything is drawn. Labelled images and validation images each show a part of
 * their own; about every sixth part of the pool is a burst of two to four frames, some of them of a labelled part.
 */
export function planSample(options: PlanOptions): PlannedImage[] {
  const random = createRandom(seedFrom('sample', options.seed));
  const parts: { split: 'train' | 'val'; labelled: boolean; frames: number; classes: DefectClass[] }[] = [];
  let poolLeft = options.images - options.labelled;
  const dealParts = (split: 'train' | 'val', labelled: boolean, wanted: () => boolean): void => {
    const counts = dealer(random, countDeck);
    const classes = dealer(random, classDeck);
    while (wanted()) {
      const burst =
        split === 'train' && random() < 0.16
          ? pickWeighted(random, [
              [1, 5],
              [2, 3],
              [3, 2],
            ] as const)
          : 0;
      // The first frame of a labelled part is labelled; all further frames belong to the pool.
      const inPool = split === 'val' ? 0 : Math.min(poolLeft, burst + (labelled ? 0 : 1));
      poolLeft -= inPool;
      const frames = split === 'val' || labelled ? 1 + inPool : inPool;
      parts.push({ split, labelled, frames, classes: Array.from({ length: counts() }, () => classes()) });
    }
  };
  dealParts('train', true, () => parts.length < options.labelled);
  dealParts('train', false, () => poolLeft > 0);
  const trainParts = parts.length;
  dealParts('val', false, () => parts.length < trainParts + options.validation);

  const numbers = shuffled(
    parts.map((_, index) => index + 1),
    random,
  );
  const images: PlannedImage[] = [];
  parts.forEach((part, index) => {
    const number = String(numbers[index] ?? index).padStart(4, '0');
    const sceneSeed = freshSeed(random);
    for (let frame = 1; frame <= part.frames; frame++) {
      images.push({
        name: `part-${number}-${frame}`,
        split: part.split,
        labelled: part.split === 'val' || (part.labelled && frame === 1),
        sceneSeed,
        frameSeed: frame === 1 ? undefined : freshSeed(random),
        classes: part.classes,
      });
    }
  });
  return images.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Deals from shuffled copies of a deck, so that even short runs keep its proportions. */
function dealer<T>(random: Random, deck: readonly T[]): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = shuffled(deck, random);
    const card = left.pop();
    if (card === undefined) throw new RangeError('An empty deck cannot be dealt');
    return card;
  };
}
