import { AppError } from '../../core/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import type { SampleRow } from '../ports/store/samples.ts';

/** Milliseconds that a verdict of another window may take until it counts as stuck; most take a few. */
const patience = 2000;
const step = 20;

/** What a window meets when another one judges the same image at the same moment: before, in, or after its write. */
const signs: ReadonlySet<string> = new Set(['image-busy', 'verdict-changed', 'edited-outside', 'changed-outside']);

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
 * Writes a verdict; where another window writes one on the same image just then, that one is waited for.
 * @throws VerdictChangedError when the other one judged the same sample; otherwise what `write` throws.
 */
export async function besideOthers<T>(ports: Ports, sample: SampleRow, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof AppError) || !signs.has(error.code)) throw error;
    await untilIdle(ports, sample.imageId);
    const now = requireRow(await ports.store.samples.get(sample.id), 'sample', sample.id);
    if (now.verdict !== sample.verdict) throw new VerdictChangedError(now);
    // The other one took its intent back, or judged another sample of the image.
    return error.code === 'image-busy' ? write() : Promise.reject(error);
  }
}

async function untilIdle(ports: Ports, imageId: number): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const pending = await ports.store.labelEvents.pending();
    if (!pending.some((event) => event.imageId === imageId) || Date.now() > end) return;
    await new Promise((resolve) => setTimeout(resolve, step));
  }
}
