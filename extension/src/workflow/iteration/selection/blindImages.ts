import { growValidation, type GrowthItem } from '../../../core/dataset/validationGrowth.ts';
import { seedFrom } from '../../../core/random.ts';
import { hashesOfFirst } from '../../dataset/hashesOfFirst.ts';
import type { Ports } from '../../ports/ports.ts';
import type { IterationRow } from '../../ports/store/iterations.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { requireRow } from '../../shared/errors.ts';

/** What a batch may add to the validation set. */
interface Growth {
  /** The images of the batch that were drawn at random. */
  readonly slice: readonly number[];
  /** Its other images, which will train. */
  readonly others: readonly number[];
}

/**
 * Which images of a batch are labelled blind, to join the validation set (docs/architecture.md, One iteration). None if
 * the dataset names its validation set, before the first training, and once the set is large enough.
 */
export async function blindImages(
  { store }: Pick<Ports, 'store'>,
  session: SessionRow,
  iteration: IterationRow,
  { slice, others }: Growth,
): Promise<ReadonlySet<number>> {
  const { datasetId } = session;
  const dataset = requireRow(await store.datasets.get(datasetId), 'dataset', datasetId);
  if (!dataset.validationDrawn || slice.length === 0) return new Set();
  const known = await store.images.find({ datasetId, states: ['labelled'] });
  const batch = await store.images.find({ datasetId, ids: [...slice, ...others] });
  const images = new Map([...known, ...batch].map((image) => [image.id, image]));
  const hashes = hashesOfFirst([...images.values()]);
  const items = (ids: readonly number[]): GrowthItem[] =>
    ids.flatMap((id) => {
      const image = images.get(id);
      return image === undefined ? [] : [{ id, group: image.captureGroup, contentHash: hashes.get(id) ?? null }];
    });
  const members = known.filter(({ split }) => split === 'val').map(({ id }) => id);
  const trained = known.filter(({ split }) => split === 'train' || split === 'pool').map(({ id }) => id);
  const joining = growValidation({
    slice: items(slice),
    validation: items(members),
    training: items([...trained, ...others]),
    seed: seedFrom('validation growth', session.seed, iteration.iterationNumber),
  });
  return new Set(joining);
}
