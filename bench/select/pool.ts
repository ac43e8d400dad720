// Made-up pools of any size: vectors in clusters, or without any structure, with scores, classes and near duplicates.
import { candidateTable, type Candidate } from '../../extension/src/core/selection/candidates.ts';
import { createRandom } from '../../extension/src/core/random.ts';
import type { SelectionRequest } from '../../extension/src/workflow/ports/selector.ts';

export const dimensions = 448;
export const labelledImages = 1000;
const classes = 10;
const clusters = 500;
/** A stretch of noise that every row reads from another place: a million rows of fresh numbers would take minutes. */
const noiseLength = 2 ** 22;

/**
 * Unit vectors of `images` candidates and, behind them, of the labelled images, in shared memory as the product has them.
 * @param shape `clusters`: 500 groups with a cosine of about 0.5 within; `noise`: all directions alike, where bounds help least.
 */
export function makeVectors(images: number, shape: string): Float32Array<SharedArrayBuffer> {
  const random = createRandom(11);
  const noise = Float32Array.from({ length: noiseLength }, () => random() + random() + random() - 1.5);
  const middles = Float32Array.from({ length: clusters * dimensions }, () => random() + random() + random() - 1.5);
  const rows = images + labelledImages;
  const vectors = new Float32Array(new SharedArrayBuffer(rows * dimensions * 4));
  for (let row = 0; row < rows; row++) {
    const from = Math.floor(random() * (noiseLength - dimensions));
    const middle = shape === 'clusters' ? Math.floor(random() * clusters) * dimensions : -1;
    const at = row * dimensions;
    let squares = 0;
    for (let i = 0; i < dimensions; i++) {
      const value = (noise[from + i] as number) + (middle < 0 ? 0 : (middles[middle + i] as number));
      vectors[at + i] = value;
      squares += value * value;
    }
    const scale = 1 / Math.sqrt(squares);
    for (let i = 0; i < dimensions; i++) vectors[at + i] = (vectors[at + i] as number) * scale;
  }
  return vectors;
}

/** The request for 100 of `images` images, as the product makes it. */
export function makeRequest(
  strategy: SelectionRequest['strategy'],
  images: number,
  vectors: Float32Array<SharedArrayBuffer>,
): SelectionRequest {
  const random = createRandom(5);
  function* candidates(): Generator<Candidate> {
    for (let imageId = 0; imageId < images; imageId++) {
      const hasDetections = random() > 0.15;
      const expectedByClass: number[] = [];
      for (let found = hasDetections ? 2 : 0; found > 0; found--) {
        expectedByClass[Math.floor(random() ** 2 * classes)] = 3 * random();
      }
      const scores = hasDetections ? { 'decision-entropy': random(), combined: random() } : {};
      yield { imageId, scores, hasDetections, bestScore: 0.05 * random(), expectedByClass };
    }
  }
  const nearDuplicates = Array.from({ length: images / 100 }, (_, i) => [i * 50, i * 50 + 7] as const);
  return {
    strategy,
    pool: candidateTable(candidates()),
    seed: 1,
    context: {
      batchSize: 100,
      minUncertainty: 0.3,
      scoreName: strategy === 'uncertainty' ? 'combined' : 'decision-entropy',
      nearDuplicates,
      labelled: {
        imageIds: Array.from({ length: labelledImages }, (_, i) => images + i),
        boxesByClass: Array.from({ length: classes }, (_, i) => 2000 - 199 * i),
      },
      embeddings: {
        dimensions,
        vectors,
        imageIds: Float64Array.from({ length: images + labelledImages }, (_, i) => i),
      },
    },
  };
}
