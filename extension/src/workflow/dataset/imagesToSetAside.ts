import type { Ports } from '../ports/ports.ts';

/** The share of the labelled images that is set aside if the dataset has no validation split. */
export const validationShare = 0.2;

/** About how many labelled images the first training will set aside; 0 if the dataset has a validation set. */
export async function imagesToSetAside({ store }: Pick<Ports, 'store'>, datasetId: number): Promise<number> {
  if ((await store.datasets.latestRevision(datasetId)) !== null) return 0;
  if ((await store.images.count({ datasetId, splits: ['val'] })) > 0) return 0;
  const labelled = await store.images.count({ datasetId, states: ['labelled'], splits: ['train', 'pool'] });
  return labelled < 2 ? 0 : Math.max(1, Math.round(labelled * validationShare));
}
