import { toErrorReport } from '../../core/errors.ts';
import { sameBytes } from '../../core/dataset/labelText.ts';
import type { ImageState } from '../../core/dataset/types.ts';
import { createKeyedQueue } from '../../core/concurrency.ts';
import type { Ports } from '../ports/ports.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { ImageLocator } from './images.ts';
import type { ImageLocation } from '../ports/labelSource.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { LabelEventRow, NewLabelEvent } from '../ports/store/labelEvents.ts';

/** How an interrupted change was settled: `completed` was already on disk, `written` has been written now. */
export interface SettledEvent {
  readonly event: LabelEventRow;
  readonly end: 'completed' | 'written' | 'abandoned' | 'conflict';
}

const queue = createKeyedQueue();

/**
 * Runs the changes of an image's labels one after another within this process. So an event of this process that is
 * pending when a task starts was left by a failure.
 */
export function inImageQueue<T>(ports: Pick<Ports, 'system'>, imageId: number, task: () => Promise<T>): Promise<T> {
  return queue(`${ports.system.owner.nonce}/${imageId}`, task);
}

/**
 * Journals a change, writes the label file, then updates the database. Call within `inImageQueue`, after
 * `settleLabelEvents`.
 * @throws errors of the label source. After any failure the journal matches the disk, or stays pending until
 * `settleLabelEvents` checks the disk. `not-flushed` means that the file is on disk, and stored unless the change is an
 * undo or a redo; after any other error of the label source, it is neither. WorkflowError `half-stored` if the file was written
 * but the database was not updated.
 */
export async function changeLabel(
  ports: Pick<Ports, 'labels' | 'store'>,
  location: ImageLocation,
  intent: NewLabelEvent,
  expectedHash: string | null,
  reviewSeconds?: number,
): Promise<void> {
  const { labelEvents } = ports.store;
  const { id } = await labelEvents.begin(intent);
  const seconds = reviewSeconds === undefined ? {} : { reviewSeconds };
  let labelHash: string | null;
  try {
    labelHash = await ports.labels.write(location, intent.after, expectedHash);
  } catch (error) {
    const label = await ports.labels.read(location).catch(() => undefined);
    // Report why the label was not written; `settleLabelEvents` handles any further failure.
    if (label !== undefined) {
      const bytes = label?.bytes ?? null;
      const isWritten = !sameBytes(intent.before, intent.after) && sameBytes(bytes, intent.after);
      if (!isWritten) await labelEvents.end(id, 'abandoned').catch(() => undefined);
      // A repeated undo or redo must find this event open; otherwise it would undo or redo one more verdict.
      else if (intent.undoes === null) {
        await labelEvents.complete(id, { labelHash: label?.hash ?? null, ...seconds }).catch(() => undefined);
      }
    }
    throw error;
  }
  try {
    await labelEvents.complete(id, { labelHash, ...seconds });
  } catch (error) {
    const { message, hint } = toErrorReport(error);
    throw new WorkflowError(
      'half-stored',
      `The label file ${ports.labels.locate(location)} is written, but the database did not note it: ${message}`,
      `${hint} Then repeat the action; the next start does so too.`,
      { where: ports.labels.locate(location), cause: error },
    );
  }
}

/**
 * Settles pending events of an image that failures of this process or dead processes left, so that file, database and
 * journal agree. Call within `inImageQueue`. Events of live processes are left alone.
 *
 * The disk decides. A change that never reached it is dropped if this process reported its failure. If its process
 * died, `unwritten` decides whether to write it, if no later change exists.
 */
export async function settleLabelEvents(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  imageId: number,
  unwritten: 'write' | 'give-up',
): Promise<SettledEvent[]> {
  const { labelEvents } = ports.store;
  const open = (await labelEvents.pending()).filter((event) => event.imageId === imageId);
  const left: LabelEventRow[] = [];
  for (const event of open) if (await claimEvent(ports, event)) left.push(event);
  if (left.length === 0) return [];
  const settled: SettledEvent[] = [];
  try {
    await endEvents(ports, imageId, left, unwritten, settled);
    return settled;
  } catch (error) {
    // Give the event back to its dead owner, so that the next start of any window tries again.
    for (const event of left.slice(settled.length)) {
      await labelEvents.take(event.id, ports.system.owner, event.owner).catch(() => false);
    }
    throw error;
  }
}

/** Settles these events in order and adds each to `settled` as soon as it has ended. */
async function endEvents(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  imageId: number,
  left: readonly LabelEventRow[],
  unwritten: 'write' | 'give-up',
  settled: SettledEvent[],
): Promise<void> {
  const { labelEvents } = ports.store;
  const image = requireRow(await ports.store.images.get(imageId), 'image', imageId);
  const location = (await ImageLocator.of(ports, image.datasetId)).locate(image);
  await ports.labels.tidy(location);
  const label = await ports.labels.read(location);
  const bytes = label?.bytes ?? null;
  const history = await labelEvents.history(imageId);
  const lastDone = history.findLast(({ state }) => state === 'done')?.id ?? 0;
  const onDisk = left.findLast((event) => event.id > lastDone && sameBytes(event.after, bytes));
  const newest = left.findLast((event) => event.id > lastDone);

  for (const event of left) {
    let end: SettledEvent['end'] = 'abandoned';
    if (event === onDisk) end = 'completed';
    else if (event === newest && !sameBytes(event.before, bytes)) end = 'conflict';
    else if (event === newest && unwritten === 'write' && event.owner.nonce !== ports.system.owner.nonce)
      end = 'written';
    if (end === 'completed' || end === 'written') {
      // Write even if the content matches: the process that wrote it may have died before flushing it.
      const labelHash = await ports.labels.write(location, event.after, label?.hash ?? null);
      await labelEvents.complete(event.id, { labelHash });
    } else {
      await labelEvents.end(event.id, end);
    }
    settled.push({ event, end });
  }
}

/**
 * Settles events that failures of this process left, for all images but one. What still fails stays pending.
 * @returns what was settled.
 */
export async function settleOwnFailures(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  except?: number,
): Promise<SettledEvent[]> {
  const settled: SettledEvent[] = [];
  const pending = await ports.store.labelEvents.pending();
  const own = pending.filter((event) => event.owner.nonce === ports.system.owner.nonce && event.imageId !== except);
  for (const imageId of new Set(own.map((event) => event.imageId))) {
    await inImageQueue(ports, imageId, async () =>
      settled.push(...(await settleLabelEvents(ports, imageId, 'give-up'))),
    ).catch(() => undefined);
  }
  return settled;
}

/** Whether this process may settle a pending event. */
async function claimEvent(ports: Pick<Ports, 'store' | 'system'>, event: LabelEventRow): Promise<boolean> {
  const { owner } = ports.system;
  if (event.owner.nonce === owner.nonce) return true;
  if (await ports.system.isAlive(event.owner)) return false;
  return ports.store.labelEvents.take(event.id, event.owner, owner);
}

/**
 * Adopts a change that another program made to a label file. The file takes precedence and enters the history, so that
 * nothing is lost and undo works. A change that turns out to be a pending verdict is settled instead.
 * @param stateOf returns the new state of the image.
 * @returns whether the file differed from the last known content.
 */
export function recordOutsideEdit(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  imageId: number,
  stateOf: (image: ImageRow, hasLabel: boolean) => ImageState,
): Promise<boolean> {
  return inImageQueue(ports, imageId, async () => {
    await settleLabelEvents(ports, imageId, 'give-up');
    const image = requireRow(await ports.store.images.get(imageId), 'image', imageId);
    const location = (await ImageLocator.of(ports, image.datasetId)).locate(image);
    const label = await ports.labels.read(location);
    const labelHash = label?.hash ?? null;
    if (labelHash === image.labelHash) return false;
    const history = await ports.store.labelEvents.history(imageId);
    const event = await ports.store.labelEvents.begin({
      imageId,
      sampleId: null,
      cause: 'outside',
      before: history.findLast((one) => one.state === 'done')?.after ?? null,
      after: label?.bytes ?? null,
      verdictBefore: null,
      verdictAfter: null,
      stateBefore: image.state,
      stateAfter: stateOf(image, label !== null),
      owner: ports.system.owner,
      undoes: null,
    });
    await ports.store.labelEvents.complete(event.id, { labelHash });
    return true;
  });
}
