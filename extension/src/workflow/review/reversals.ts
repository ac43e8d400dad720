import { AppError } from '../../core/errors.ts';
import { sameBytes } from '../../core/dataset/labelText.ts';
import { ImageLocator } from '../dataset/images.ts';
import { changeLabel, inImageQueue, settleLabelEvents, settleOwnFailures } from '../dataset/labelJournal.ts';
import type { Ports } from '../ports/ports.ts';
import type { LabelEventRow } from '../ports/store/labelEvents.ts';
import type { SampleRow } from '../ports/store/samples.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';

export type Direction = 'undo' | 'redo';

interface ReverseOptions {
  /** Write although the label file was changed outside since it was last seen. */
  readonly overwriteOutsideEdit?: boolean;
}

/**
 * Takes back the newest verdict of an iteration, again and again if wanted; of verdicts that were given together, all.
 * @throws WorkflowError `nothing-to-undo`; `edited-outside` when the file changed since, unless `overwriteOutsideEdit`.
 */
export function undoVerdict(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  iterationId: number,
  options: ReverseOptions = {},
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
  options: ReverseOptions = {},
): Promise<SampleRow> {
  return reverseNewest(ports, iterationId, 'redo', options);
}

async function reverseNewest(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  iterationId: number,
  direction: Direction,
  options: ReverseOptions,
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
  await reverse(ports, event, options);
  return requireRow(await ports.store.samples.get(event.sampleId), 'sample', event.sampleId);
}

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
 * Reverses a change of a verdict, and all that were made together with it.
 * @throws WorkflowError `edited-outside`. Of several changes, only if none could be reversed.
 */
export async function reverse(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  event: LabelEventRow,
  options: ReverseOptions,
): Promise<void> {
  if (event.group === null) return reverseEvent(ports, event, options);
  const { reversed, failure } = await reverseGroup(ports, event.group, options);
  if (reversed.length === 0 && failure !== null) throw failure;
}

/** What became of changes that were made together. */
export interface GroupReversal {
  /** The images whose labels are as they were before. */
  readonly reversed: readonly number[];
  /** The images that were left as they are, because they were changed since or could not be written. */
  readonly leftOut: readonly number[];
  /** The first reason why an image was left out. */
  readonly failure: AppError | null;
}

/**
 * Reverses changes that were made together, the last one first, except on images that were changed since. What is left out
 * can be reversed later.
 * @param group the changes: verdicts to take back, or undos to reverse.
 */
export async function reverseGroup(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  group: string,
  options: ReverseOptions = {},
): Promise<GroupReversal> {
  const reversed: number[] = [];
  const leftOut: number[] = [];
  let failure: AppError | null = null;
  const together = ports.system.newId();
  for (const event of await ports.store.labelEvents.standing(group)) {
    try {
      if (options.overwriteOutsideEdit !== true) await requireUnchanged(ports, event);
      await reverseEvent(ports, event, options, together);
      reversed.push(event.imageId);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      failure ??= error;
      leftOut.push(event.imageId);
    }
  }
  return { reversed, leftOut, failure };
}

/**
 * @throws WorkflowError `edited-outside` if a later change of the labels stands; `has-edits` if giving a verdict again would
 * delete unsaved edits.
 */
async function requireUnchanged(ports: Pick<Ports, 'labels' | 'store'>, event: LabelEventRow): Promise<void> {
  const history = await ports.store.labelEvents.history(event.imageId);
  const later = history.filter(({ id, state }) => id > event.id && state === 'done');
  const undone = new Set(later.map(({ undoes }) => undoes));
  if (!later.some(({ id, cause }) => cause !== 'undo' && !undone.has(id))) return requireUnedited(ports, event);
  const image = requireRow(await ports.store.images.get(event.imageId), 'image', event.imageId);
  throw editedOutside(ports.labels.locate((await ImageLocator.of(ports, image.datasetId)).locate(image)));
}

async function requireUnedited(
  ports: Pick<Ports, 'store'>,
  { cause, imageId, sampleId }: LabelEventRow,
): Promise<void> {
  const sample = cause !== 'undo' || sampleId === null ? null : await ports.store.samples.get(sampleId);
  const iteration = sample === null ? null : await ports.store.iterations.get(sample.iterationId);
  if (iteration === null) return;
  const draft = await ports.store.drafts.get({ sessionId: iteration.sessionId, imageId, sampleId });
  if (draft?.edited === true) throw hasEdits();
}

export function hasEdits(): WorkflowError {
  return new WorkflowError('has-edits', 'The image has unsaved edits.', 'Open it and decide there.');
}

/** Writes the labels back that a change replaced. The reverse of an undo gives the verdict again. */
async function reverseEvent(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  event: LabelEventRow,
  options: ReverseOptions,
  group: string | null = null,
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
        group,
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

export function editedOutside(path: string): WorkflowError {
  return new WorkflowError(
    'edited-outside',
    'Another program has changed the label file.',
    'Rescan to use the change, or confirm to overwrite it. The history keeps both.',
    { where: path },
  );
}
