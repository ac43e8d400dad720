import { AppError } from '../../core/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import type { SampleRow } from '../ports/store/samples.ts';

/** After this time a verdict of another window counts as stuck; most take a few milliseconds. */
const timeoutMs = 2000;
const pollMs = 20;

/** Errors of a window while another one judges the same image: before, during or after its write. */
const conflictCodes: ReadonlySet<string> = new Set([
  'image-busy',
  'verdict-changed',
  'edited-outside',
  'changed-outside',
]);

/** A sample no longer has the verdict that the person saw when deciding; nothing was written. */
export class VerdictChangedError extends AppError<'verdict-changed'> {
  constructor(sample: SampleRow) {
    const now = sample.verdict === null ? 'has no verdict any more' : `was judged already: ${sample.verdict}`;
    super(
      'verdict-changed',
      `This sample ${now}. Another window was faster.`,
      'Look at what it shows now, and decide again if you see it otherwise.',
    );
  }
}

/**
 * After a verdict failed: waits until no other window writes a verdict on the same image. Returns if the verdict may be
 * written again: the other window withdrew, or judged another sample of the image.
 * @throws VerdictChangedError if the other window judged this sample; `error` if another verdict is not the cause.
 */
export async function waitForOtherVerdict(
  ports: Pick<Ports, 'store'>,
  sample: SampleRow,
  error: unknown,
): Promise<void> {
  if (!(error instanceof AppError) || !conflictCodes.has(error.code)) throw error;
  await imageIsIdle(ports, sample.imageId);
  const now = requireRow(await ports.store.samples.get(sample.id), 'sample', sample.id);
  if (now.verdict !== sample.verdict) throw new VerdictChangedError(now);
  if (error.code !== 'image-busy') throw error;
}

async function imageIsIdle(ports: Pick<Ports, 'store'>, imageId: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const pending = await ports.store.labelEvents.pending();
    if (!pending.some((event) => event.imageId === imageId) || Date.now() > end) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
