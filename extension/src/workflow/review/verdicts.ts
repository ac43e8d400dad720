import { sameBytes } from '../../core/dataset/labelText.ts';
import { iterationName } from '../../core/session/iterationName.ts';
import { ImageLocator } from '../dataset/images.ts';
import { changeLabel, inImageQueue, settleLabelEvents, settleOwnFailures } from '../dataset/labelJournal.ts';
import type { Ports } from '../ports/ports.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { SampleRow } from '../ports/store/samples.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { editedOutside } from './reversals.ts';
import { VerdictChangedError, waitForOtherVerdict } from './verdictConflict.ts';
import { verdictOutcome, type Decision } from './verdictOutcome.ts';

export interface VerdictOptions {
  readonly reviewSeconds?: number;
  /** Write although the label file was changed outside since it was last seen. */
  readonly overwriteOutsideEdit?: boolean;
  /** Of verdicts that are given together. */
  readonly group?: string;
  /** Judge only an image that has neither a verdict nor labels. */
  readonly ifOpen?: boolean;
}

/**
 * Writes a verdict: journal first, then the label file atomically, then the database. When this returns, the
 * verdict is on disk. If the process dies before that, `recover` finishes the verdict.
 *
 * After an error of `changeLabel` the last confirmed verdict stays, and the user can give this verdict or another one.
 * @throws WorkflowError `no-boxes-shown`, `edited-outside`, `verdict-invalid`, `image-unreadable`, `image-missing`,
 * `label-not-text`, `already-judged`; VerdictChangedError; StoreError `image-busy` if another window still works on the image; errors of
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
    if (options.ifOpen === true && sample.verdict !== null) throw alreadyJudged();
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
  if (options.ifOpen === true && image.state === 'labelled') throw alreadyJudged();
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
      group: options.group ?? null,
    },
    label?.hash ?? null,
    options.reviewSeconds,
  );
}

async function requireReviewable(ports: Pick<Ports, 'store'>, sample: SampleRow): Promise<void> {
  const iteration = requireRow(await ports.store.iterations.get(sample.iterationId), 'iteration', sample.iterationId);
  if (iteration.status === 'reviewing') return;
  throw new WorkflowError(
    'wrong-step',
    `The status of ${iterationName(iteration.iterationNumber)} is ${iteration.status}: its samples can no longer be reviewed.`,
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

export function alreadyJudged(): WorkflowError {
  return new WorkflowError(
    'already-judged',
    'The image has a verdict or labels already.',
    'Open it to judge it again.',
  );
}
