import { compareClassNames } from '../../core/dataset/classNames.ts';
import { DatasetError } from '../../core/dataset/errors.ts';
import { ProblemList } from '../../core/dataset/problemList.ts';
import { AppError } from '../../core/errors.ts';
import type { DatasetProblem, DatasetSource, ImageState, Split } from '../../core/dataset/types.ts';
import { countProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { WorkflowError, requireRow, throwIfCancelled } from '../shared/errors.ts';
import { mapLimit } from '../../core/concurrency.ts';
import { recordOutsideEdit } from './labelJournal.ts';
import type { DatasetListing, ListedImage } from '../ports/datasetFiles.ts';
import { eachPageOfIds } from './images.ts';
import type { DatasetRow, RootRow } from '../ports/store/datasets.ts';
import type { ImageChange, ImageRow, NewImage } from '../ports/store/images.ts';
import { readLabel } from './readLabel.ts';
import { withLease } from '../shared/withLease.ts';

const chunkSize = 200;
/** More than are decoded at once, so that the decoder never waits for the next. */
const parallelReads = 8;
const presentStates: readonly ImageState[] = ['unlabelled', 'labelled', 'later', 'unusable', 'broken'];

/** What a scan saw and changed. */
export interface ScanReport {
  readonly dataset: DatasetRow;
  readonly problems: readonly DatasetProblem[];
  /** Images of the dataset, whether they were known or not. */
  readonly images: number;
  readonly added: number;
  readonly changed: number;
  readonly missing: number;
  readonly labelsChangedOutside: number;
  readonly hasValidationSplit: boolean;
}

/**
 * Finds the dataset of this source in the database, or reads and adds it. Sessions share a dataset: what another session
 * made of it (its pool folders, its class names) stays.
 * @throws WorkflowError `classes-reordered`, `classes-renamed` when the given class names would change what labels of a
 * known folder mean, DatasetError `validation-is-training`; then nothing is stored. What `rescanDataset` throws.
 */
export async function openDataset(ports: Ports, source: DatasetSource, options: RunOptions = {}): Promise<ScanReport> {
  const known = (await ports.store.datasets.list()).find((row) => row.source.path === source.path);
  if (known) {
    const report = await update(ports, known, united(known, source), options);
    requireOwnValidation(report.problems);
    return report;
  }
  const listing = await ports.datasetFiles.list(source, options.signal);
  requireOwnValidation(listing.problems);
  const dataset = await ports.store.datasets.create(source, listing.classNames);
  return scan(ports, dataset, listing, options);
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
  return update(ports, dataset, dataset.source, options);
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
    return update(ports, dataset, { ...dataset.source, poolFolders: [...new Set(folders)] }, options);
  });
}

/** Reads the source, which may differ from the stored one, and only then stores it: a bad one must change nothing. */
async function update(
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
  return scan(ports, { ...dataset, source, classNames }, listing, options);
}

/** What is known of the dataset, with the pool folders and the appended classes of `source`. */
function united({ source: known, classNames }: DatasetRow, source: DatasetSource): DatasetSource {
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

async function scan(
  ports: Ports,
  dataset: DatasetRow,
  listing: DatasetListing,
  options: RunOptions,
): Promise<ScanReport> {
  const problems = new ProblemList(listing.problems);
  const roots: RootRow[] = [];
  for (const root of listing.roots) roots.push(await ports.store.datasets.addRoot(dataset.id, root.path, root.kind));
  const rootOf = (image: ListedImage): RootRow => requireRow(roots[image.root] ?? null, 'root', image.root);
  const { length } = listing.images;
  const counted = countProgress(options, 'scan', (done) => `Looked at ${done} of ${length} images`, length);
  const report = { added: 0, changed: 0, missing: 0, labelsChangedOutside: 0 };
  /** Images that are there, by id. Neither their rows nor the listing's lie in memory all at once. */
  const present = new Set<number>();
  for (let start = 0; start < length; start += chunkSize) {
    const chunk = listing.images.slice(start, start + chunkSize);
    const known = await knownRows(ports, dataset.id, chunk, rootOf);
    const seen = await mapLimit(chunk, parallelReads, async (image) => {
      throwIfCancelled(options.signal);
      const root = rootOf(image);
      const row = known.get(key(root.id, image.relativePath));
      const one = await look(ports, image, { root, row, splitIsGiven: listing.hasValidationSplit, problems, options });
      counted();
      return one;
    });
    for (const { id } of known.values()) present.add(id);
    // In the listing's order, not in that of the reads: ids decide ties, and a seed must give the same batch again.
    const fresh = seen.flatMap((one) => (one.kind === 'new' ? [one.image] : []));
    const changed = seen.flatMap((one) =>
      one.kind === 'known' && one.change ? [{ change: one.change, outside: one.outside }] : [],
    );
    for (const id of await ports.store.images.insert(dataset.id, fresh)) present.add(id);
    await ports.store.images.update(changed.map((one) => one.change));
    report.added += fresh.length;
    report.changed += changed.length;
    report.labelsChangedOutside += changed.filter((one) => one.outside).length;
  }
  const gone: number[] = [];
  await eachPageOfIds(ports, { datasetId: dataset.id, states: presentStates }, (ids) => {
    for (const id of ids) if (!present.has(id)) gone.push(id);
  });
  await ports.store.images.update(gone.map((id) => ({ id, state: 'missing' })));
  report.missing = gone.length;
  const { hasValidationSplit } = listing;
  return { dataset, problems: problems.list(), images: listing.images.length, hasValidationSplit, ...report };
}

/**
 * How many images of a dataset the next scan will find new. Nothing is decoded or stored.
 * @throws what `DatasetFiles.list` throws.
 */
export async function countNewImages(ports: Ports, datasetId: number, options: RunOptions = {}): Promise<number> {
  const { source } = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  const listing = await ports.datasetFiles.list(source, options.signal);
  const known = await ports.store.datasets.roots(datasetId);
  const roots = listing.roots.map(({ path }) => known.find((root) => root.path === path));
  let fresh = 0;
  for (let start = 0; start < listing.images.length; start += chunkSize) {
    const chunk = listing.images.slice(start, start + chunkSize);
    const placed = chunk.filter(({ root }) => roots[root] !== undefined);
    const rows = await knownRows(ports, datasetId, placed, ({ root }) => requireRow(roots[root] ?? null, 'root', root));
    fresh += chunk.length - [...rows.values()].filter(({ state }) => state !== 'missing').length;
  }
  return fresh;
}

/** What the database knows of some listed images, by `key`. */
async function knownRows(
  ports: Ports,
  datasetId: number,
  images: readonly ListedImage[],
  rootOf: (image: ListedImage) => RootRow,
): Promise<Map<string, ImageRow>> {
  const paths = new Map<number, string[]>();
  for (const image of images) {
    const { id } = rootOf(image);
    const list = paths.get(id);
    if (list) list.push(image.relativePath);
    else paths.set(id, [image.relativePath]);
  }
  const known = new Map<string, ImageRow>();
  for (const [rootId, relativePaths] of paths) {
    const rows = await ports.store.images.find({ datasetId, rootId, relativePaths });
    for (const row of rows) known.set(key(row.rootId, row.relativePath), row);
  }
  return known;
}

/** One text for a root and a path in it. */
function key(root: number, path: string): string {
  return `${root}/${path}`;
}

type Seen =
  | { readonly kind: 'new'; readonly image: NewImage }
  | { readonly kind: 'known'; readonly change: ImageChange | null; readonly outside: boolean };

interface Looking {
  readonly root: RootRow;
  readonly row: ImageRow | undefined;
  readonly splitIsGiven: boolean;
  readonly problems: ProblemList;
  readonly options: RunOptions;
}

async function look(
  ports: Ports,
  image: ListedImage,
  { root, row, splitIsGiven, problems, options }: Looking,
): Promise<Seen> {
  const touched = !row || row.size !== image.size || row.mtimeMs !== image.mtimeMs || isUnread(row);
  const probe = touched ? await ports.datasetFiles.probe(image.absolutePath, options.signal) : null;
  if (probe) problems.add(...(probe.ok ? probe.warnings : [probe.problem]));
  const seen = await readLabel(ports.labels, { rootPath: root.path, relativePath: image.relativePath });
  if (seen.problem) problems.add(seen.problem);
  // An image that cannot be read has no size; one whose label cannot be read keeps it.
  const undecoded = probe ? !probe.ok : row?.state === 'broken' && row.width === null;
  const broken = undecoded || seen.problem !== null;
  const away = row?.state === 'missing' || row?.state === 'broken';
  const before = away ? await judgedState(ports, row) : row?.state;
  const state = nextState(before, seen.label !== null, broken);
  // A split of ours (frozen validation images) outlives a scan; one that the dataset names does not need to.
  const ours = image.split === 'train' || (image.split === 'pool' && row?.split === 'val');
  const split: Split = row && !splitIsGiven && ours ? row.split : image.split;
  const facts = probe
    ? {
        contentHash: probe.contentHash,
        width: probe.ok ? probe.width : null,
        height: probe.ok ? probe.height : null,
        perceptualHash: probe.ok ? probe.perceptualHash : null,
        size: image.size,
        mtimeMs: image.mtimeMs,
      }
    : {};
  const shown = probe && !probe.ok ? probe.problem.message : undecoded ? (row?.problem ?? null) : null;
  const problem = shown ?? seen.problem?.message ?? null;
  // Nobody knows what an unreadable label says now, so that what was last seen stays; a change is noticed once it is back.
  const labelHash = seen.problem ? (row?.labelHash ?? null) : (seen.label?.hash ?? null);
  if (!row) {
    return {
      kind: 'new',
      image: {
        rootId: root.id,
        relativePath: image.relativePath,
        contentHash: null,
        width: null,
        height: null,
        perceptualHash: null,
        size: image.size,
        mtimeMs: image.mtimeMs,
        captureGroup: image.captureGroup,
        ...facts,
        problem,
        labelHash,
        split,
        state,
      },
    };
  }
  const outside = labelHash !== row.labelHash && (await takeOutsideEdit(ports, row, broken, before));
  const same = !probe && !outside && state === row.state && split === row.split && problem === row.problem;
  // Only what differs: a verdict may be given while the scan goes on, and stays.
  const judged = state === row.state || (labelHash !== row.labelHash && !broken) ? {} : { state };
  return { kind: 'known', change: same ? null : { id: row.id, ...facts, problem, ...judged, split }, outside };
}

/** @returns whether the label file differs from what was last seen, and no verdict is being written to it. */
async function takeOutsideEdit(
  ports: Ports,
  row: ImageRow,
  broken: boolean,
  before: ImageState | undefined,
): Promise<boolean> {
  try {
    return await recordOutsideEdit(ports, row.id, (_, hasLabel) => nextState(before, hasLabel, broken));
  } catch (error) {
    if (error instanceof AppError && error.code === 'image-busy') return false;
    throw error;
  }
}

/** Whether a scan has yet to tell what is in the file; databases of older versions know nothing of its looks. */
function isUnread({ contentHash, perceptualHash, state }: ImageRow): boolean {
  return contentHash === null || (perceptualHash === null && state !== 'broken');
}

/** The state of an image from what is on disk: a label file always means labelled, a verdict without one is remembered. */
function nextState(before: ImageState | undefined, hasLabel: boolean, broken: boolean): ImageState {
  if (broken) return 'broken';
  if (hasLabel) return 'labelled';
  return before === 'later' || before === 'unusable' ? before : 'unlabelled';
}

/** What the last verdict made of an image: one that was away or unreadable for a while comes back with it. */
async function judgedState(ports: Ports, row: ImageRow): Promise<ImageState | undefined> {
  const history = await ports.store.labelEvents.history(row.id);
  return history.findLast((event) => event.state === 'done')?.stateAfter;
}
