import { sameBytes } from '../../core/dataset/labelText.ts';
import { ImageLocator } from '../dataset/images.ts';
import { changeLabel, inImageQueue, settleLabelEvents, settleOwnFailures } from '../dataset/labelJournal.ts';
import type { Ports } from '../ports/ports.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { LabelEventRow } from '../ports/store/labelEvents.ts';
import type { SampleRow } from '../ports/store/samples.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { VerdictChangedError, waitForOtherVerdict } from './verdictConflict.ts';
import { verdictOutcome, type Decision } from './verdictOutcome.ts';

export interface VerdictOptions {
  readonly reviewSeconds?: number;
  /** Write although the label file was changed outside since it was last seen. */
  readonly overwriteOutsideEdit?: boolean;
}

/**
 * Writes a verdict: journal first, then the label file atomically, then the database. When this returns, the
 * verdict is on disk. If the process dies before that, `recover` finishes the verdict.
 *
 * After an error of `changeLabel` the last confirmed verdict stays, and the user can give this verdict or another one.
 * @throws WorkflowError `no-boxes-shown`, `edited-outside`, `verdict-invalid`, `image-unreadable`, `image-missing`,
 * `label-not-text`; VerdictChangedError; StoreError `image-busy` if another window still works on the image; errors of
 * `changeLabel`.
 */
export async function submitVerdict(
  ports: Ports,
  sampleId: number,
  decision: Decision,
  options: VerdictOptions = {},
): Promise<SampleRow> {
  const read = async (): Promise<SampleRow> => requireRow(await ports.store.samples.get(sampleId), 'sample', sampleId);
  const seen = await read();
  await settleOwnFailures(ports, seen.imageId);
  return inImageQueue(ports, seen.imageId, async () => {
    const now = await read();
    if (now.verdict !== seen.verdict) throw new VerdictChangedError(now);
    await settleLabelEvents(ports, seen.imageId, 'give-up');
    const sample = await read();
    await requireReviewable(ports, sample);
    const key = `${ports.system.owner.nonce}/${sampleId}`;
    const write = (): Promise<void> => writeVerdict(ports, sample, decision, options, failedVerdicts.has(key));
    try {
      await write().catch(async (error: unknown) => {
        await waitForOtherVerdict(ports, sample, error);
        await write();
      });
    } catch (error) {
      failedVerdicts.add(key);
      throw error;
    }
    failedVerdicts.delete(key);
    return read();
  });
}

/** Samples whose last verdict in this process failed, perhaps half-way: the same verdict may come again. */
const failedVerdicts = new Set<string>();

async function writeVerdict(
  ports: Ports,
  sample: SampleRow,
  decision: Decision,
  options: VerdictOptions,
  again: boolean,
): Promise<void> {
  const image = requireRow(await ports.store.images.get(sample.imageId), 'image', sample.imageId);
  const locator = await ImageLocator.of(ports, image.datasetId);
  const label = await ports.labels.read(locator.locate(image));
  if ((label?.hash ?? null) !== image.labelHash && options.overwriteOutsideEdit !== true) {
    throw editedOutside(ports.labels.locate(locator.locate(image)));
  }
  const before = label?.bytes ?? null;
  const outcome = await verdictOutcome(ports, decision, sample, image, label);
  if (outcome.state === 'labelled' && decision.verdict !== 'skipped') await requireImage(ports, locator, image);
  // What failed half-way stands, if perhaps not flushed: a second entry would be what an undo takes back.
  const stands = sample.verdict === decision.verdict && image.state === outcome.state;
  if (again && stands && sameBytes(before, outcome.bytes)) {
    await ports.labels.write(locator.locate(image), before, label?.hash ?? null);
    return;
  }
  await changeLabel(
    ports,
    locator.locate(image),
    {
      imageId: image.id,
      sampleId: sample.id,
      cause: 'verdict',
      before,
      after: outcome.bytes,
      verdictBefore: sample.verdict,
      verdictAfter: decision.verdict,
      stateBefore: image.state,
      stateAfter: outcome.state,
      owner: ports.system.owner,
      undoes: null,
    },
    label?.hash ?? null,
    options.reviewSeconds,
  );
}

/**
 * Takes back the newest verdict of an iteration, again and again if wanted.
 * @throws WorkflowError `nothing-to-undo`; `edited-outside` when the file changed since, unless `overwriteOutsideEdit`.
 */
export function undoVerdict(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  iterationId: number,
  options: Pick<VerdictOptions, 'overwriteOutsideEdit'> = {},
): Promise<SampleRow> {
  return reverseNewest(ports, iterationId, 'undo', options);
}

/**
 * Gives the verdict again that the newest undo of an iteration took back, until a person gives another one.
 * @throws WorkflowError `nothing-to-redo`; `edited-outside` as `undoVerdict`.
 */
export function redoVerdict(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  iterationId: number,
  options: Pick<VerdictOptions, 'overwriteOutsideEdit'> = {},
): Promise<SampleRow> {
  return reverseNewest(ports, iterationId, 'redo', options);
}

async function reverseNewest(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  iterationId: number,
  direction: Direction,
  options: Pick<VerdictOptions, 'overwriteOutsideEdit'>,
): Promise<SampleRow> {
  for (const event of await settledReversals(ports, direction)) {
    const sample = event.sampleId === null ? null : await ports.store.samples.get(event.sampleId);
    if (sample?.iterationId === iterationId) return sample;
  }
  const { labelEvents } = ports.store;
  const event =
    direction === 'undo' ? await labelEvents.lastUndoable(iterationId) : await labelEvents.lastRedoable(iterationId);
  if (!event || event.sampleId === null) {
    throw nothingToReverse(
      direction,
      `${direction === 'undo' ? 'Undo' : 'Redo'} works on the verdicts of this iteration.`,
    );
  }
  await reverseEvent(ports, event, options);
  return requireRow(await ports.store.samples.get(event.sampleId), 'sample', event.sampleId);
}

export type Direction = 'undo' | 'redo';

export function nothingToReverse(direction: Direction, hint: string): WorkflowError {
  return direction === 'undo'
    ? new WorkflowError('nothing-to-undo', 'There is no verdict to undo.', hint)
    : new WorkflowError('nothing-to-redo', 'There is no verdict to redo.', hint);
}

/**
 * Finishes what failed half-way in this process.
 * @returns the undos or redos that are done now: to go on would reverse one verdict more.
 */
export async function settledReversals(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  direction: Direction,
): Promise<LabelEventRow[]> {
  const settled = await settleOwnFailures(ports);
  return settled.flatMap(({ event, end }) => {
    const isReversal = direction === 'undo' ? event.cause === 'undo' : event.cause !== 'undo' && event.undoes !== null;
    return isReversal && end === 'completed' ? [event] : [];
  });
}

/**
 * Reverses a change of a verdict: writes the labels back that it replaced. The reverse of an undo gives the verdict again.
 * @throws WorkflowError `edited-outside`.
 */
export async function reverseEvent(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  event: LabelEventRow,
  options: Pick<VerdictOptions, 'overwriteOutsideEdit'>,
): Promise<void> {
  await inImageQueue(ports, event.imageId, async () => {
    await settleLabelEvents(ports, event.imageId, 'give-up');
    const image = requireRow(await ports.store.images.get(event.imageId), 'image', event.imageId);
    const location = (await ImageLocator.of(ports, image.datasetId)).locate(image);
    const label = await ports.labels.read(location);
    if (!sameBytes(label?.bytes ?? null, event.after) && options.overwriteOutsideEdit !== true) {
      throw editedOutside(ports.labels.locate(location));
    }
    const again = event.sampleId === null ? 'edit' : 'verdict';
    await changeLabel(
      ports,
      location,
      {
        imageId: event.imageId,
        sampleId: event.sampleId,
        cause: event.cause === 'undo' ? again : 'undo',
        before: label?.bytes ?? null,
        after: event.before,
        verdictBefore: event.verdictAfter,
        verdictAfter: event.verdictBefore,
        stateBefore: event.stateAfter,
        stateAfter: event.stateBefore,
        owner: ports.system.owner,
        undoes: event.id,
      },
      label?.hash ?? null,
    );
  });
}

/** The event, or null if another window that is still open made it: that window reverses it. */
export async function unlessOfOtherWindow(
  ports: Pick<Ports, 'system'>,
  event: LabelEventRow | null,
): Promise<LabelEventRow | null> {
  if (event === null || event.owner.nonce === ports.system.owner.nonce) return event;
  return (await ports.system.isAlive(event.owner)) ? null : event;
}

async function requireReviewable(ports: Pick<Ports, 'store'>, sample: SampleRow): Promise<void> {
  const iteration = requireRow(await ports.store.iterations.get(sample.iterationId), 'iteration', sample.iterationId);
  if (iteration.status === 'reviewing') return;
  throw new WorkflowError(
    'wrong-step',
    `Iteration ${iteration.iterationNumber} is ${iteration.status}; its samples can no longer be reviewed.`,
    'Open the newest iteration, or edit the label file itself.',
  );
}

/** A label file without its image has no effect, and no list shows it. @throws WorkflowError `image-missing`. */
export async function requireImage(
  ports: Pick<Ports, 'artifacts'>,
  locator: ImageLocator,
  image: ImageRow,
): Promise<void> {
  if (await ports.artifacts.exists(locator.path(image))) return;
  throw new WorkflowError(
    'image-missing',
    `The image ${image.relativePath} is no longer there, so it gets no label.`,
    'Put it back, or skip the sample. A rescan marks the image as missing.',
    { where: locator.path(image) },
  );
}

export function editedOutside(path: string): WorkflowError {
  return new WorkflowError(
    'edited-outside',
    'Another program has changed the label file.',
    'Rescan to use the change, or confirm to overwrite it. The history keeps both.',
    { where: path },
  );
}
