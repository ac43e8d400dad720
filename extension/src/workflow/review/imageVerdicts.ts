import { sameBytes } from '../../core/dataset/labelText.ts';
import type { Verdict } from '../../core/session/types.ts';
import { ImageLocator } from '../dataset/images.ts';
import { changeLabel, inImageQueue, settleLabelEvents, settleOwnFailures } from '../dataset/labelJournal.ts';
import type { Ports } from '../ports/ports.ts';
import type { LabelEventRow } from '../ports/store/labelEvents.ts';
import { requireRow } from '../shared/errors.ts';
import { verdictOutcome, type Decision } from './verdictOutcome.ts';
import {
  editedOutside,
  nothingToReverse,
  reverse,
  settledReversals,
  unlessOfOtherWindow,
  type Direction,
} from './reversals.ts';
import { alreadyJudged, requireImage, type VerdictOptions } from './verdicts.ts';

/** A list of images that a person looks through: any images of the dataset, not only those of a batch. */
export interface ImageList {
  /** What the list holds, as the user reads it. */
  readonly title: string;
  /** In the order of the queue. */
  readonly images: readonly number[];
  /** Why each image is in the list; row i belongs to `images[i]`. */
  readonly reasons?: readonly (readonly string[])[] | undefined;
  /** ISO time at which the list was made: verdicts since then are verdicts on this list. */
  readonly since: string;
}

/** What a person decided about an image that is no sample: there is no prediction to accept, only labels to keep. */
export type ImageDecision = Exclude<Decision, { readonly verdict: 'accepted' }>;

/** The verdicts that were given on the images of a list since it was made. */
export async function imageVerdicts(ports: Pick<Ports, 'store'>, list: ImageList): Promise<Map<number, Verdict>> {
  const verdicts = new Map<number, Verdict>();
  for (const { imageId, verdictAfter } of await ports.store.labelEvents.edits(list.images, list.since)) {
    if (verdictAfter !== null) verdicts.set(imageId, verdictAfter);
  }
  return verdicts;
}

/**
 * Writes the decision about an image that is no sample of a batch: journal first, then the label file atomically, then
 * the database, as `submitVerdict` does. Labels that stay as they are count as accepted, others as corrected.
 * @throws as `submitVerdict`.
 */
export async function submitImageVerdict(
  ports: Ports,
  imageId: number,
  decision: ImageDecision,
  options: VerdictOptions & { readonly before?: Verdict | null } = {},
): Promise<void> {
  await settleOwnFailures(ports, imageId);
  await inImageQueue(ports, imageId, async () => {
    await settleLabelEvents(ports, imageId, 'give-up');
    const image = requireRow(await ports.store.images.get(imageId), 'image', imageId);
    if (options.ifOpen === true && image.state === 'labelled') throw alreadyJudged();
    const locator = await ImageLocator.of(ports, image.datasetId);
    const location = locator.locate(image);
    const label = await ports.labels.read(location);
    if ((label?.hash ?? null) !== image.labelHash && options.overwriteOutsideEdit !== true) {
      throw editedOutside(ports.labels.locate(location));
    }
    const before = label?.bytes ?? null;
    const judged = { verdict: options.before ?? null, predictedBoxes: [], iterationId: 0 };
    // A skip leaves the image as it is, also if it replaces an earlier verdict: the labels were there before the list.
    const outcome =
      decision.verdict === 'skipped'
        ? { bytes: before, state: image.state }
        : await verdictOutcome(ports, decision, judged, image, label);
    if (outcome.state === 'labelled') await requireImage(ports, locator, image);
    const isKept = decision.verdict === 'corrected' && before !== null && sameBytes(before, outcome.bytes);
    await changeLabel(
      ports,
      location,
      {
        imageId,
        sampleId: null,
        cause: 'edit',
        before,
        after: outcome.bytes,
        verdictBefore: judged.verdict,
        verdictAfter: isKept ? 'accepted' : decision.verdict,
        stateBefore: image.state,
        stateAfter: outcome.state,
        owner: ports.system.owner,
        undoes: null,
        group: options.group ?? null,
      },
      label?.hash ?? null,
      options.reviewSeconds,
    );
  });
}

/**
 * Takes back the newest verdict on an image of the list, or gives the one again that was taken back last.
 * @returns the id of the image.
 * @throws WorkflowError `nothing-to-undo` or `nothing-to-redo`; `edited-outside` as `undoVerdict`.
 */
export async function reverseImageVerdict(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  list: ImageList,
  direction: Direction,
  options: Pick<VerdictOptions, 'overwriteOutsideEdit'> = {},
): Promise<number> {
  const settled = await settledReversals(ports, direction);
  const done = settled.find(({ imageId }) => list.images.includes(imageId));
  if (done !== undefined) return done.imageId;
  const event = direction === 'undo' ? await undoableEdit(ports, list) : await redoableEdit(ports, list);
  if (event === null) {
    throw nothingToReverse(
      direction,
      `${direction === 'undo' ? 'Undo' : 'Redo'} works on the verdicts of this list that were given in this window.`,
    );
  }
  await reverse(ports, event, options);
  return event.imageId;
}

/** The verdict that an undo would take back: one of another window that is still open is that window's to undo. */
export async function undoableEdit(
  ports: Pick<Ports, 'store' | 'system'>,
  list: ImageList,
): Promise<LabelEventRow | null> {
  return unlessOfOtherWindow(ports, await ports.store.labelEvents.lastUndoableEdit(list.images, list.since));
}

/** The undo that a redo would reverse, if it is this window's. */
export async function redoableEdit(
  ports: Pick<Ports, 'store' | 'system'>,
  list: ImageList,
): Promise<LabelEventRow | null> {
  return unlessOfOtherWindow(ports, await ports.store.labelEvents.lastRedoableEdit(list.images, list.since));
}
