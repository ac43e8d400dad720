import { compareClassNames } from '../../core/dataset/classNames.ts';
import { DatasetError } from '../../core/dataset/errors.ts';
import type { DatasetProblem, DatasetSource } from '../../core/dataset/types.ts';
import { type Ports, type RunOptions } from '../ports/ports.ts';
import type { DatasetRow } from '../ports/store/datasets.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { withLease } from '../shared/withLease.ts';
import { knownRows, scanChunk, scanImages, type ScanReport } from './scanImages.ts';

/**
 * Finds the dataset of this source in the database, or reads and adds it. Sessions share a dataset, so changes that
 * another session made (pool folders, class names) stay.
 * @throws WorkflowError `classes-reordered`, `classes-renamed` if the given class names would change the meaning of
 * existing labels, DatasetError `validation-is-training`; nothing is stored then. Errors of `rescanDataset`.
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
 * Refuses a dataset whose `val` contains its training images. The validation set is always the one in the file.
 * @throws DatasetError `validation-is-training`
 */
export function requireOwnValidation(problems: readonly DatasetProblem[]): void {
  const problem = problems.find(({ severity, code }) => severity === 'error' && code === 'validation-is-training');
  if (problem === undefined) return;
  const { message, hint, file } = problem;
  throw new DatasetError('validation-is-training', message, hint, file === undefined ? {} : { where: file });
}

/**
 * Updates the database from the files: new, changed and missing images, and labels that other programs edited. Files
 * always take precedence; the label history keeps what they replace.
 * @throws WorkflowError `dataset-moved`, `classes-reordered`; DatasetError if the description is invalid.
 */
export async function rescanDataset(ports: Ports, datasetId: number, options: RunOptions = {}): Promise<ScanReport> {
  const dataset = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  return syncDataset(ports, dataset, dataset.source, options);
}

/**
 * Replaces the pool folders of a dataset for all its sessions. Images of a removed folder become `missing`: they are
 * neither selected nor used for training. Their label files and history stay and count again if the folder is added
 * again.
 * @throws WorkflowError `busy-elsewhere` while an iteration runs; errors of `rescanDataset`. Nothing is stored then.
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

/** Reads the source before storing it, so that an invalid source changes nothing. */
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
      'Move it back, or set its new location; sessions, labels and history are kept.',
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

/** The stored source with the pool folders and appended classes of `source`. */
function mergeSource({ source: known, classNames }: DatasetRow, source: DatasetSource): DatasetSource {
  const poolFolders = [...new Set([...known.poolFolders, ...source.poolFolders])];
  if (source.kind === 'yaml') return { ...source, poolFolders };
  // If no class names are given, keep the existing ones.
  const wanted = source.classNames.length === 0 ? classNames : source.classNames;
  const names = compareClassNames(classNames, wanted);
  if (names.kind === 'same' || names.kind === 'appended') return { ...source, classNames: wanted, poolFolders };
  // A new session must not rename classes for existing sessions, so treat a mismatch as an error.
  const code = names.kind === 'renamed' ? 'classes-renamed' : 'classes-reordered';
  throw new WorkflowError(
    code,
    `The folder ${source.path} has sessions with the classes ${classNames.join(', ')}. ${names.message}`,
    'Give the same names in the same order; new ones may follow them.',
    { where: source.path },
  );
}

/** Sets the new location of a moved dataset. Every root below the old location moves with it. */
export async function relocateDataset(
  ports: Ports,
  datasetId: number,
  path: string,
  options: RunOptions = {},
): Promise<ScanReport> {
  const dataset = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  const source: DatasetSource = { ...dataset.source, path };
  // Read the new location first, so that a wrong path changes nothing.
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
 * Number of images that the next scan would add. Decodes and stores nothing.
 * @throws errors of `DatasetFiles.list`.
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
