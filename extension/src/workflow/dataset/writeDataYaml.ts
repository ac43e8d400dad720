import { dataYamlText, isWrittenDataYaml } from '../../core/dataset/writtenDataYaml.ts';
import type { Ports } from '../ports/ports.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { ImageLocator } from './images.ts';
import { currentValidation } from './validationSet.ts';

const fileName = 'data.yaml';
const lists = { train: 'data-train.txt', val: 'data-val.txt' } as const;

/** What was written. */
export interface WrittenDataYaml {
  /** Absolute path of the `data.yaml`. */
  readonly path: string;
  readonly training: number;
  readonly validation: number;
}

/**
 * Writes a `data.yaml` and two lists of labelled images into a dataset that is a plain folder, so that other tools can
 * read it. Sets validation images aside as a first training does, if none are yet. The session keeps the folder.
 * @throws WorkflowError `not-now` if the dataset has a `data.yaml`, `file-exists` if another program wrote one there;
 * what `currentValidation` throws; ExportError.
 */
export async function writeDataYaml(
  ports: Pick<Ports, 'artifacts' | 'labels' | 'store'>,
  session: SessionRow,
): Promise<WrittenDataYaml> {
  const { datasetId } = session;
  const { source, classNames } = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  if (source.kind === 'yaml') {
    throw new WorkflowError('not-now', `The dataset has a data.yaml already: ${source.path}`, 'Use that file.', {
      where: source.path,
    });
  }
  const path = `${source.path}/${fileName}`;
  await requireOwnFile(ports, path);
  const { members } = await currentValidation(ports, datasetId, false, session.seed);
  const held = new Set(members.map(({ imageId }) => imageId));
  const labelled = await ports.store.images.find({ datasetId, states: ['labelled'], splits: ['train', 'pool', 'val'] });
  const training = labelled.filter(({ id, split }) => split !== 'val' && !held.has(id));
  const validation = labelled.filter(({ id }) => held.has(id));
  const locator = await ImageLocator.of(ports, datasetId);
  const list = (images: readonly ImageRow[]): string =>
    images.map((image) => `${nameIn(source.path, locator, image)}\n`).join('');
  // The lists first: a data.yaml that names missing lists cannot be read.
  await ports.artifacts.publish(source.path, [
    { name: lists.train, text: list(training) },
    { name: lists.val, text: list(validation) },
    { name: fileName, text: dataYamlText(classNames, lists) },
  ]);
  return { path, training: training.length, validation: validation.length };
}

async function requireOwnFile({ artifacts }: Pick<Ports, 'artifacts'>, path: string): Promise<void> {
  if (!(await artifacts.exists(path)) || isWrittenDataYaml(await artifacts.readText(path))) return;
  throw new WorkflowError(
    'file-exists',
    `Another program or person wrote ${path}, so that it is kept.`,
    'Create a session with that file, or rename it first.',
    { where: path },
  );
}

/** As a list names an image: relative to the list if the image is below its folder. */
function nameIn(folder: string, locator: ImageLocator, image: ImageRow): string {
  const { rootPath, relativePath } = locator.locate(image);
  return rootPath === folder ? `./${relativePath}` : locator.path(image);
}
