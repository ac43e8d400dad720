import { AppError } from '../../core/errors.ts';
import { countProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { submitImageVerdict, type ImageDecision } from './imageVerdicts.ts';
import { hasEdits } from './reversals.ts';
import type { Decision } from './verdictOutcome.ts';
import { submitVerdict } from './verdicts.ts';

/** What is decided about one of many images: a sample of a batch, or an image that is none. */
export type Choice =
  | { readonly sampleId: number; readonly decision: Decision }
  | { readonly imageId: number; readonly decision: ImageDecision };

/** Why an image was left out. */
export type LeftOut =
  /** It has a verdict or labels. */
  | 'judged'
  /** It has unsaved edits, or another program changed its labels. */
  | 'edited'
  /** No box is shown, so that accepting would label it as background. */
  | 'no-boxes'
  /** Its batch is finished. */
  | 'not-open'
  /** Its labels could not be written. */
  | 'failed';

/** What became of many verdicts. */
export interface ManyVerdicts {
  /** Takes all of them back with `reverseGroup`; null if none was given. */
  readonly group: string | null;
  readonly given: readonly Choice[];
  readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>;
  /** The first failure. */
  readonly failure: AppError | null;
}

interface ManyOptions extends RunOptions {
  /** The time that the review of each image took. */
  readonly secondsEach?: number;
}

/**
 * Gives verdicts to images that have none, one after another. Each is journalled and on disk before the next one begins;
 * one undo takes all back. An image that was judged or edited meanwhile stays as it is, and one that fails
 * does not stop the others.
 * @param choices may be read while earlier verdicts are given. @param total their number, for the progress.
 * @param options cancelling stops before the next image; the verdicts so far stand.
 */
export async function judgeMany(
  ports: Ports,
  sessionId: number,
  choices: Iterable<Choice> | AsyncIterable<Choice>,
  total: number,
  options: ManyOptions = {},
): Promise<ManyVerdicts> {
  const group = ports.system.newId();
  const given: Choice[] = [];
  const leftOut: Partial<Record<LeftOut, number>> = {};
  let failure: AppError | null = null;
  const count = countProgress(options, 'verdicts', (done) => `${done} / ${total}`, total);
  for await (const choice of choices) {
    if (options.signal?.aborted === true) break;
    try {
      await requireUnedited(ports, sessionId, choice);
      await judge(ports, choice, group, options.secondsEach);
      given.push(choice);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const reason = reasons[error.code] ?? 'failed';
      leftOut[reason] = (leftOut[reason] ?? 0) + 1;
      if (reason === 'failed') failure ??= error;
    }
    count();
  }
  return { group: given.length === 0 ? null : group, given, leftOut, failure };
}

const reasons: Readonly<Record<string, LeftOut>> = {
  'already-judged': 'judged',
  'verdict-changed': 'judged',
  'edited-outside': 'edited',
  'changed-outside': 'edited',
  'has-edits': 'edited',
  'no-boxes-shown': 'no-boxes',
  'wrong-step': 'not-open',
};

async function judge(ports: Ports, choice: Choice, group: string, reviewSeconds: number | undefined): Promise<void> {
  const options = { group, ifOpen: true, ...(reviewSeconds === undefined ? {} : { reviewSeconds }) };
  if ('sampleId' in choice) await submitVerdict(ports, choice.sampleId, choice.decision, options);
  else await submitImageVerdict(ports, choice.imageId, choice.decision, options);
}

/** A verdict would delete unsaved edits. @throws WorkflowError `has-edits`. */
async function requireUnedited(ports: Pick<Ports, 'store'>, sessionId: number, choice: Choice): Promise<void> {
  const edited = await ports.store.drafts.edited(sessionId);
  const isEdited = edited.some(({ sampleId, imageId }) =>
    'sampleId' in choice ? sampleId === choice.sampleId : sampleId === null && imageId === choice.imageId,
  );
  if (!isEdited) return;
  throw hasEdits();
}
