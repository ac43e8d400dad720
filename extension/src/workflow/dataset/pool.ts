import type { ImageState } from '../../core/dataset/types.ts';
import type { Ports } from '../ports/ports.ts';
import type { ImageFilter } from '../ports/store/images.ts';

/** The images that may still be selected: unlabelled, readable, and in neither the val nor the test split. */
export function poolFilter(datasetId: number): ImageFilter {
  return { datasetId, states: poolStates, splits: ['train', 'pool'] };
}

const poolStates: readonly ImageState[] = ['unlabelled', 'later'];

/** The number of images that may still be selected. */
export function poolSize(ports: Pick<Ports, 'store'>, datasetId: number): Promise<number> {
  return ports.store.images.count(poolFilter(datasetId));
}
