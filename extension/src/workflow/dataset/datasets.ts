import { compareClassNames } from '../../core/dataset/classNames.ts';
import { DatasetError } from '../../core/dataset/errors.ts';
import type { DatasetProblem, DatasetSource } from '../../core/dataset/types.ts';
import { type Ports, type RunOptions } from '../ports/ports.ts';
import type { DatasetRow } from '../ports/store/datasets.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { withLease } from '../shared/withLease.ts';
import { knownRows, scanChunk, scanImages, type ScanReport } from './scanImages.ts';

/**
 * Finds the dataset of this source in the database, or reads and adds it. Sessions share a dataset: what another session
 * made of it (its pool folders, its class names) stays.
 * @throws WorkflowError `classes-reordered`, `classes-renamed` when the given class names would change what labels of a
 * known folder mean, DatasetError `validation-is-training`; then nothing is stored. What `rescanDataset` throws.
 */
export async function openDataset(ports: Ports, source: DatasetSource, options: RunOptions = {}): Promise<ScanReport> {
  const known = (await ports.store.datasets.list()).find((row) => row.source.path === source.path);
  if (known) {
    const report = await syncDataset(ports, known, mergeSource(known, source), options);
    requireOwnValidation(report.problems);
    return report;
  }
  const listing = await ports.datasetFiles.list(source, options.signal);
  requireOwnValidation(listing.problems);
  const dataset = await ports.store.datasets.create(source, listing.classNames);
  return scanImages(ports, dataset, listing, options);
}

/**
 * Refuses a dataset whose `val` names its training images: the validation set is the one that the file names, or an error.
 * @throws DatasetError `validation-is-training`
 */
export function requireOwnValidation(problems: readonly DatasetProblem[]): void {
  const problem = problems.find(({ severity, code }) => severity === 'error' && code === 'validation-is-training');
  if (problem === undefined) return;
  const { message, hint, file } = problem;
  throw new DatasetError('validation-is-training', message, hint, file === undefined ? {} : { where: file });
}

/**
 * Brings the database up to date with the files: new, changed and vanished images, labels edited outside.
 * Files always win; what they replace stays in the label history.
 * @throws WorkflowError `dataset-moved`, `classes-reordered`; DatasetError when the description is broken.
 */
export async function rescanDataset(ports: Ports, datasetId: number, options: RunOptions = {}): Promise<ScanReport> {
  const dataset = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  return syncDataset(ports, dataset, dataset.source, options);
}

/**
 * Makes these the pool folders of a dataset, for all its sessions. Images of a folder that is left out are `missing` from
 * then on: neither chosen nor trained on. Their label files and history stay, and count again when the folder comes back.
 * @throws WorkflowError `busy-elsewhere` while an iteration runs; what `rescanDataset` throws, with nothing stored.
 */
export async function setPoolFolders(
  ports: Ports,
  datasetId: number,
  folders: readonly string[],
  options: RunOptions = {},
): Promise<ScanReport> {
  return withLease(ports, 'training', 'An iteration is running in this workspace.', async () => {
    const dataset = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
    return syncDataset(ports, dataset, { ...dataset.source, poolFolders: [...new Set(folders)] }, options);
  });
}

/** Reads the source, which may differ from the stored one, and only then stores it: a bad one must change nothing. */
async function syncDataset(
  ports: Ports,
  dataset: DatasetRow,
  source: DatasetSource,
  options: RunOptions,
): Promise<ScanReport> {
  if (!(await ports.artifacts.exists(source.path))) {
    throw new WorkflowError(
      'dataset-moved',
      `The dataset is no longer at ${source.path}.`,
      'Move it back, or tell where it is now; sessions, labels and history are kept.',
      { where: source.path },
    );
  }
  const listing = await ports.datasetFiles.list(source, options.signal);
  const { classNames } = listing;
  const names = compareClassNames(dataset.classNames, classNames);
  if (names.kind === 'reordered' || names.kind === 'removed') {
    throw new WorkflowError('classes-reordered', names.message, names.hint, { where: source.path });
  }
  if (names.kind !== 'same' || JSON.stringify(source) !== JSON.stringify(dataset.source)) {
    await ports.store.datasets.update(dataset.id, { source, classNames });
  }
  return scanImages(ports, { ...dataset, source, classNames }, listing, options);
}

/** What is known of the dataset, with the pool folders and the appended classes of `source`. */
function mergeSource({ source: known, classNames }: DatasetRow, source: DatasetSource): DatasetSource {
  const poolFolders = [...new Set([...known.poolFolders, ...source.poolFolders])];
  if (source.kind === 'yaml') return { ...source, poolFolders };
  // Who names no classes takes those that are there.
  const wanted = source.classNames.length === 0 ? classNames : source.classNames;
  const names = compareClassNames(classNames, wanted);
  if (names.kind === 'same' || names.kind === 'appended') return { ...source, classNames: wanted, poolFolders };
  // A session that begins speaks for none of the others: what it calls a class is a typing mistake, or another class.
  const code = names.kind === 'renamed' ? 'classes-renamed' : 'classes-reordered';
  throw new WorkflowError(
    code,
    `The folder ${source.path} has sessions with the classes ${classNames.join(', ')}. ${names.message}`,
    'Give the same names in the same order; new ones may follow them.',
    { where: source.path },
  );
}

/** Tells where a moved dataset is now: every root below the old place follows. */
export async function relocateDataset(
  ports: Ports,
  datasetId: number,
  path: string,
  options: RunOptions = {},
): Promise<ScanReport> {
  const dataset = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  const source: DatasetSource = { ...dataset.source, path };
  // Read the new place first: a wrong path must change nothing.
  const listing = await ports.datasetFiles.list(source, options.signal);
  const roots = await ports.store.datasets.roots(datasetId);
  const known = new Set(roots.map((root) => root.path));
  const arrived = listing.roots.filter((root) => root.kind === 'dataset' && !known.has(root.path));
  const left = roots.filter((root) => root.kind === 'dataset' && !listing.roots.some((now) => now.path === root.path));
  for (const [index, root] of left.entries()) {
    const target = arrived[index];
    if (!target) continue;
    await ports.labels.moveRoot(root.path, target.path);
    await ports.store.datasets.moveRoot(root.id, target.path);
  }
  await ports.store.datasets.update(datasetId, { source });
  return rescanDataset(ports, datasetId, options);
}

/**
 * How many images of a dataset the next scan will find new. Nothing is decoded or stored.
 * @throws what `DatasetFiles.list` throws.
 */
export async function countNewImages(
  ports: Pick<Ports, 'datasetFiles' | 'store'>,
  datasetId: number,
  options: RunOptions = {},
): Promise<number> {
  const { source } = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  const listing = await ports.datasetFiles.list(source, options.signal);
  const known = await ports.store.datasets.roots(datasetId);
  const roots = listing.roots.map(({ path }) => known.find((root) => root.path === path));
  let fresh = 0;
  for (let start = 0; start < listing.images.length; start += scanChunk) {
    const chunk = listing.images.slice(start, start + scanChunk);
    const placed = chunk.filter(({ root }) => roots[root] !== undefined);
    const rows = await knownRows(ports, datasetId, placed, ({ root }) => requireRow(roots[root] ?? null, 'root', root));
    fresh += chunk.length - [...rows.values()].filter(({ state }) => state !== 'missing').length;
  }
  return fresh;
}
