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

/** How a change that was left open ended: `completed` was on disk already, `written` was written now. */
export interface Settled {
  readonly event: LabelEventRow;
  readonly end: 'completed' | 'written' | 'abandoned' | 'conflict';
}

const queue = createKeyedQueue();

/**
 * Does one change of an image's labels after the other in this process: what is pending when a task begins, and is ours,
 * was left over by a failure.
 */
export function inImageQueue<T>(ports: Pick<Ports, 'system'>, imageId: number, task: () => Promise<T>): Promise<T> {
  return queue(`${ports.system.owner.nonce}/${imageId}`, task);
}

/**
 * Journals a change, writes the label file, and brings the database after it. Within `inImageQueue`, and after `settleLabelEvents`.
 * @throws what the label source throws. Whatever failed, the journal then says what is on disk, or is left pending for
 * `settleLabelEvents` to find out: `not-flushed` is on disk, and stored unless it is an undo; any other error of the label source is neither.
 * WorkflowError `half-stored` when the file is written and the database did not follow.
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
    // What the person is told is why the label was not written; what fails besides is for `settleLabelEvents`.
    if (label !== undefined) {
      const bytes = label?.bytes ?? null;
      const isWritten = !sameBytes(intent.before, intent.after) && sameBytes(bytes, intent.after);
      if (!isWritten) await labelEvents.end(id, 'abandoned').catch(() => undefined);
      // An undo that is repeated must find this one open, or it would take back one verdict more.
      else if (intent.cause !== 'undo') {
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
 * Ends what failures of this process and processes that died left open for an image, so that file, database and journal
 * say the same. Within `inImageQueue`. What a live process is doing is left alone.
 *
 * What is on disk decides. A change that never got there is given up where this process had said that it failed; where
 * its process died it is written if `unwritten` says so, but only as long as nothing came after it.
 */
export async function settleLabelEvents(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  imageId: number,
  unwritten: 'write' | 'give-up',
): Promise<Settled[]> {
  const { labelEvents } = ports.store;
  const open = (await labelEvents.pending()).filter((event) => event.imageId === imageId);
  const left: LabelEventRow[] = [];
  for (const event of open) if (await claimEvent(ports, event)) left.push(event);
  if (left.length === 0) return [];
  const settled: Settled[] = [];
  try {
    await endEvents(ports, imageId, left, unwritten, settled);
    return settled;
  } catch (error) {
    // What could not be ended goes back to its dead owner: the next start tries again, in whatever window.
    for (const event of left.slice(settled.length)) {
      await labelEvents.take(event.id, ports.system.owner, event.owner).catch(() => false);
    }
    throw error;
  }
}

/** Ends these events in their order, and adds each to `settled` as soon as it has its end. */
async function endEvents(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  imageId: number,
  left: readonly LabelEventRow[],
  unwritten: 'write' | 'give-up',
  settled: Settled[],
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
    let end: Settled['end'] = 'abandoned';
    if (event === onDisk) end = 'completed';
    else if (event === newest && !sameBytes(event.before, bytes)) end = 'conflict';
    else if (event === newest && unwritten === 'write' && event.owner.nonce !== ports.system.owner.nonce)
      end = 'written';
    if (end === 'completed' || end === 'written') {
      // Also what is there already: whoever wrote it may not have lived to flush it.
      const labelHash = await ports.labels.write(location, event.after, label?.hash ?? null);
      await labelEvents.complete(event.id, { labelHash });
    } else {
      await labelEvents.end(event.id, end);
    }
    settled.push({ event, end });
  }
}

/**
 * Settles what failures of this process left open, of all images but one. What still fails stays open for the next time.
 * @returns what was settled.
 */
export async function settleOwnFailures(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  except?: number,
): Promise<Settled[]> {
  const settled: Settled[] = [];
  const pending = await ports.store.labelEvents.pending();
  const own = pending.filter((event) => event.owner.nonce === ports.system.owner.nonce && event.imageId !== except);
  for (const imageId of new Set(own.map((event) => event.imageId))) {
    await inImageQueue(ports, imageId, async () =>
      settled.push(...(await settleLabelEvents(ports, imageId, 'give-up'))),
    ).catch(() => undefined);
  }
  return settled;
}

/** Whether it is for this process to end a pending event. */
async function claimEvent(ports: Pick<Ports, 'store' | 'system'>, event: LabelEventRow): Promise<boolean> {
  const { owner } = ports.system;
  if (event.owner.nonce === owner.nonce) return true;
  if (await ports.system.isAlive(event.owner)) return false;
  return ports.store.labelEvents.take(event.id, event.owner, owner);
}

/**
 * Takes over what another program wrote into a label file: the file wins and enters the history, so that nothing is
 * lost and an undo knows. What was a verdict of ours after all is settled, and is none.
 * @param stateOf what becomes of the image.
 * @returns whether the file differed from what was last seen.
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
