import { mapLimit } from '../../core/concurrency.ts';
import { ProblemList } from '../../core/dataset/problemList.ts';
import type { DatasetProblem, ImageState, Split } from '../../core/dataset/types.ts';
import { AppError } from '../../core/errors.ts';
import type { DatasetListing, ListedImage } from '../ports/datasetFiles.ts';
import { countProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import type { DatasetRow, RootRow } from '../ports/store/datasets.ts';
import type { ImageChange, ImageRow, NewImage } from '../ports/store/images.ts';
import { requireRow, throwIfCancelled } from '../shared/errors.ts';
import { eachPageOfIds } from './images.ts';
import { recordOutsideEdit } from './labelJournal.ts';
import { readLabel } from './readLabel.ts';

/** Images that are read and stored together. */
export const scanChunk = 200;
/** More than the decoder processes at once, so that it never waits for the next image. */
const parallelReads = 8;
const presentStates: readonly ImageState[] = ['unlabelled', 'labelled', 'later', 'unusable', 'broken'];

/** Result of a scan. */
export interface ScanReport {
  readonly dataset: DatasetRow;
  readonly problems: readonly DatasetProblem[];
  /** Images of the dataset, both known and new. */
  readonly images: number;
  readonly added: number;
  readonly changed: number;
  readonly missing: number;
  readonly labelsChangedOutside: number;
  readonly hasValidationSplit: boolean;
}

/** Updates the rows of a dataset from a listing of its files. */
export async function scanImages(
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
  /** Images that exist, by id. Neither the rows nor the listing are in memory as a whole. */
  const present = new Set<number>();
  for (let start = 0; start < length; start += scanChunk) {
    const chunk = listing.images.slice(start, start + scanChunk);
    const known = await knownRows(ports, dataset.id, chunk, rootOf);
    const seen = await mapLimit(chunk, parallelReads, async (image) => {
      throwIfCancelled(options.signal);
      const root = rootOf(image);
      const row = known.get(imageKey(root.id, image.relativePath));
      const one = await scanImage(ports, image, {
        root,
        row,
        splitIsGiven: listing.hasValidationSplit,
        problems,
        options,
      });
      counted();
      return one;
    });
    for (const { id } of known.values()) present.add(id);
    // In the order of the listing, not of the reads: ids decide ties, and a seed must give the same batch again.
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

/** The database rows of some listed images, by `imageKey`. */
export async function knownRows(
  ports: Pick<Ports, 'store'>,
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
    for (const row of rows) known.set(imageKey(row.rootId, row.relativePath), row);
  }
  return known;
}

/** A root and a path in it as one string. */
function imageKey(root: number, path: string): string {
  return `${root}/${path}`;
}

type ScannedImage =
  | { readonly kind: 'new'; readonly image: NewImage }
  | { readonly kind: 'known'; readonly change: ImageChange | null; readonly outside: boolean };

interface ScanContext {
  readonly root: RootRow;
  readonly row: ImageRow | undefined;
  readonly splitIsGiven: boolean;
  readonly problems: ProblemList;
  readonly options: RunOptions;
}

async function scanImage(
  ports: Ports,
  image: ListedImage,
  { root, row, splitIsGiven, problems, options }: ScanContext,
): Promise<ScannedImage> {
  const touched = !row || row.size !== image.size || row.mtimeMs !== image.mtimeMs || isUnread(row);
  const probe = touched ? await ports.datasetFiles.probe(image.absolutePath, options.signal) : null;
  if (probe) problems.add(...(probe.ok ? probe.warnings : [probe.problem]));
  const seen = await readLabel(ports.labels, { rootPath: root.path, relativePath: image.relativePath });
  if (seen.problem) problems.add(seen.problem);
  // An unreadable image has no size; an image with an unreadable label keeps its size.
  const undecoded = probe ? !probe.ok : row?.state === 'broken' && row.width === null;
  const broken = undecoded || seen.problem !== null;
  const away = row?.state === 'missing' || row?.state === 'broken';
  const before = away ? await judgedState(ports, row) : row?.state;
  const state = nextState(before, seen.label !== null, broken);
  // A split that the product assigned (frozen validation images) survives a scan; a split of the dataset is read again.
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
  // The content of an unreadable label is unknown, so the last known one stays. A change is noticed once it is
  // readable.
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
  // Update only what differs, so that a verdict given during the scan stays.
  const judged = state === row.state || (labelHash !== row.labelHash && !broken) ? {} : { state };
  return { kind: 'known', change: same ? null : { id: row.id, ...facts, problem, ...judged, split }, outside };
}

/** @returns whether the label file differs from the last known content and no verdict is being written to it. */
async function takeOutsideEdit(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
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

/**
 * Whether the file must be read: its content is unknown, or its row is of an older version without perceptual hashes.
 */
function isUnread({ contentHash, perceptualHash, state }: ImageRow): boolean {
  return contentHash === null || (perceptualHash === null && state !== 'broken');
}

/** The state of an image from its files: a label file always means labelled; a verdict without one is remembered. */
function nextState(before: ImageState | undefined, hasLabel: boolean, broken: boolean): ImageState {
  if (broken) return 'broken';
  if (hasLabel) return 'labelled';
  return before === 'later' || before === 'unusable' ? before : 'unlabelled';
}

/** The state that the last verdict gave the image. An image that was missing or unreadable gets it back. */
async function judgedState(ports: Pick<Ports, 'store'>, row: ImageRow): Promise<ImageState | undefined> {
  const history = await ports.store.labelEvents.history(row.id);
  return history.findLast((event) => event.state === 'done')?.stateAfter;
}
