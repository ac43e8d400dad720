import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import { splitValidation } from '../../core/dataset/split.ts';
import { seedFrom } from '../../core/random.ts';
import type { Ports } from '../ports/ports.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { ImageLocator } from './images.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { ValidationMember, ValidationRevision } from '../ports/store/datasets.ts';
import { hashesOfFirst } from './hashesOfFirst.ts';
import { readLabel } from './readLabel.ts';
import { validationShare } from './imagesToSetAside.ts';

/**
 * The validation revision for the next metrics. Its members are the `val` split of the dataset if there is one;
 * otherwise they are drawn at the first training, and then only images join that were labelled blind. A change of members
 * or of their labels adds a revision.
 * @throws WorkflowError `no-labels` if there is nothing to train or validate on.
 */
export async function currentValidation(
  ports: Pick<Ports, 'labels' | 'store'>,
  datasetId: number,
  splitIsGiven: boolean,
  seed: number,
): Promise<ValidationRevision> {
  const latest = await ports.store.datasets.latestRevision(datasetId);
  await noteWhetherDrawn(ports, datasetId, !splitIsGiven);
  if (latest && !splitIsGiven) await joinBlindLabelled(ports, datasetId);
  const labelled = await ports.store.images.find({ datasetId, states: ['labelled'] });
  const images =
    splitIsGiven || latest
      ? labelled.filter((image) => image.split === 'val')
      : await drawValidation(ports, datasetId, labelled, seed);
  const members = images.flatMap((image): ValidationMember[] =>
    image.labelHash === null ? [] : [{ imageId: image.id, labelHash: image.labelHash }],
  );
  if (members.length === 0) {
    throw new WorkflowError(
      'no-validation',
      'There is no labelled validation image, so no metric would be meaningful.',
      splitIsGiven
        ? 'Label some images of the val split that data.yaml names.'
        : 'Label more images that are no copies of one another: copies stay on one side, and a fifth of the rest is set aside.',
    );
  }
  return latest && sameMembers(latest.members, members) ? latest : ports.store.datasets.addRevision(datasetId, members);
}

/** Before a batch is selected, nobody reads the dataset's files, where a validation split is named. */
async function noteWhetherDrawn({ store }: Pick<Ports, 'store'>, datasetId: number, drawn: boolean): Promise<void> {
  const dataset = requireRow(await store.datasets.get(datasetId), 'dataset', datasetId);
  if (dataset.validationDrawn !== drawn) await store.datasets.update(datasetId, { validationDrawn: drawn });
}

/** Images that were selected for validation and have labels now; no training has seen them. */
async function joinBlindLabelled({ store }: Pick<Ports, 'store'>, datasetId: number): Promise<void> {
  const ids = await store.samples.blindLabelled(datasetId);
  if (ids.length > 0) await store.images.update(ids.map((id) => ({ id, split: 'val' })));
}

async function drawValidation(
  ports: Pick<Ports, 'labels' | 'store'>,
  datasetId: number,
  labelled: readonly ImageRow[],
  seed: number,
): Promise<ImageRow[]> {
  const candidates = labelled.filter((image) => image.split !== 'test');
  if (candidates.length < 2) {
    throw new WorkflowError(
      'no-labels',
      `Only ${candidates.length} of the images has a label file; training needs at least two, one of them for validation.`,
      'Label some images first: an empty .txt file means "nothing here", a missing one means "not labelled yet".',
    );
  }
  const locator = await ImageLocator.of(ports, datasetId);
  const { classNames } = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  const kept = hashesOfFirst(candidates);
  const items = [];
  for (const image of candidates) {
    const { label, problem } = await readLabel(ports.labels, locator.locate(image));
    if (problem) continue;
    items.push({
      id: image.id,
      classIds: boxesOf(parseLabelFile(label?.text ?? '', { classCount: classNames.length })).map((box) => box.classId),
      group: image.captureGroup,
      contentHash: kept.get(image.id) ?? image.contentHash,
    });
  }
  const chosen = new Set(
    splitValidation(items, { share: validationShare, seed: seedFrom('validation', datasetId, seed) }),
  );
  const images = candidates.filter((image) => chosen.has(image.id));
  await ports.store.images.update(images.map(({ id }) => ({ id, split: 'val' })));
  return images.map((image) => ({ ...image, split: 'val' }));
}

function sameMembers(a: readonly ValidationMember[], b: readonly ValidationMember[]): boolean {
  const hashes = new Map(a.map((member) => [member.imageId, member.labelHash]));
  return a.length === b.length && b.every((member) => hashes.get(member.imageId) === member.labelHash);
}
