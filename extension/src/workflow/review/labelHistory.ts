import { sameBytes, decodeLabelText } from '../../core/dataset/labelText.ts';
import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import type { LabelBox } from '../../core/dataset/types.ts';
import type { Verdict } from '../../core/session/types.ts';
import { ImageLocator } from '../dataset/images.ts';
import { changeLabel, inImageQueue, settleLabelEvents } from '../dataset/labelJournal.ts';
import type { Ports } from '../ports/ports.ts';
import type { LabelEventCause, LabelEventRow } from '../ports/store/labelEvents.ts';
import type { SampleRow } from '../ports/store/samples.ts';
import { requireRow } from '../shared/errors.ts';
import { editedOutside } from './reversals.ts';
import { type VerdictOptions } from './verdicts.ts';

/** One change of the labels of an image, with the boxes before and after it; `null` means no label file. */
export interface LabelChange {
  readonly eventId: number;
  readonly cause: LabelEventCause;
  /** ISO time. */
  readonly at: string;
  readonly verdictBefore: Verdict | null;
  readonly verdictAfter: Verdict | null;
  readonly before: readonly LabelBox[] | null;
  readonly after: readonly LabelBox[] | null;
}

/** The completed changes of an image's labels, the newest first. */
export async function labelHistory(ports: Pick<Ports, 'store'>, imageId: number): Promise<LabelChange[]> {
  const image = requireRow(await ports.store.images.get(imageId), 'image', imageId);
  const dataset = requireRow(await ports.store.datasets.get(image.datasetId), 'dataset', image.datasetId);
  const boxes = (bytes: Uint8Array | null): readonly LabelBox[] | null =>
    bytes === null ? null : boxesOf(parseLabelFile(decodeLabelText(bytes), { classCount: dataset.classNames.length }));
  const events = await ports.store.labelEvents.history(imageId);
  return events
    .filter(({ state }) => state === 'done')
    .toReversed()
    .map((event) => ({
      eventId: event.id,
      cause: event.cause,
      at: event.createdAt,
      verdictBefore: event.verdictBefore,
      verdictAfter: event.verdictAfter,
      before: boxes(event.before),
      after: boxes(event.after),
    }));
}

/**
 * Restores the labels as they were before or after a change in the history of an image, journalled like a verdict, so that
 * an undo takes it back.
 * @param sample the sample of the image in a batch, or what stands for it outside a batch.
 * @throws WorkflowError `not-found`, `edited-outside`; errors of `changeLabel`.
 */
export async function restoreLabels(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  sample: Pick<SampleRow, 'imageId' | 'verdict'> & { readonly sampleId: number | null },
  change: { readonly eventId: number; readonly side: 'before' | 'after' },
  options: Pick<VerdictOptions, 'overwriteOutsideEdit'> = {},
): Promise<void> {
  const { imageId, sampleId } = sample;
  await inImageQueue(ports, imageId, async () => {
    await settleLabelEvents(ports, imageId, 'give-up');
    const events = await ports.store.labelEvents.history(imageId);
    const event = events.find(({ id, state }) => id === change.eventId && state === 'done') ?? null;
    const wanted = stateOf(requireRow(event, 'label event', change.eventId), change.side);
    const image = requireRow(await ports.store.images.get(imageId), 'image', imageId);
    const location = (await ImageLocator.of(ports, image.datasetId)).locate(image);
    const label = await ports.labels.read(location);
    if ((label?.hash ?? null) !== image.labelHash && options.overwriteOutsideEdit !== true) {
      throw editedOutside(ports.labels.locate(location));
    }
    const before = label?.bytes ?? null;
    if (sameBytes(before, wanted.bytes) && sample.verdict === wanted.verdict) return;
    await changeLabel(
      ports,
      location,
      {
        imageId,
        sampleId,
        cause: sampleId === null ? 'edit' : 'verdict',
        before,
        after: wanted.bytes,
        verdictBefore: sample.verdict,
        verdictAfter: wanted.verdict,
        stateBefore: image.state,
        stateAfter: wanted.state,
        owner: ports.system.owner,
        undoes: null,
      },
      label?.hash ?? null,
    );
  });
}

/** Labels that no verdict of the queue wrote, as an outside edit, count as corrected: a person chose them now. */
function stateOf(event: LabelEventRow, side: 'before' | 'after') {
  const bytes = side === 'before' ? event.before : event.after;
  const verdict = side === 'before' ? event.verdictBefore : event.verdictAfter;
  const state = side === 'before' ? event.stateBefore : event.stateAfter;
  return { bytes, verdict: verdict ?? (bytes === null ? null : ('corrected' as const)), state };
}
