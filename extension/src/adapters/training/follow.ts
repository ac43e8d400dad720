import { setTimeout as sleep } from 'node:timers/promises';
import { TrainingError } from '../../core/session/errors.ts';
import type { Clock } from '../../workflow/ports/clock.ts';
import type { FollowOptions, RunEvent, RunResult } from '../../workflow/ports/trainer.ts';
import { createEventReader } from './events.ts';
import { exists } from '../python/fileOps.ts';
import { readLogTail } from '../python/logTail.ts';
import { liveOwner, type RunProcess } from './runOwner.ts';
import { readResult } from './runResult.ts';

export interface FollowContext extends RunProcess {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Milliseconds between two checks of the files. */
  readonly pollMs: number;
  readonly onWarning: (message: string) => void;
}

/** Checking a process costs more than checking a file. */
const pollsPerProbe = 5;
/** A trainer that hangs after its result must not block the caller. */
const settleMs = 15_000;

/**
 * Passes the events after `afterSequence` to `onEvent`, one after another, until the run is over.
 * A run that was killed after a cancel request counts as cancelled.
 * @throws TrainingError `trainer-died`, `result-invalid`; errors of `onEvent`; the signal's reason.
 */
export async function followRun(context: FollowContext, options: FollowOptions): Promise<RunResult> {
  const { files, paths, clock, pollMs } = context;
  const progress = createProgress();
  let known: RunEvent | null = null;
  const tellKnown = (): void => {
    if (known !== null) options.onKnown?.(known);
    known = null;
  };
  const reader = createEventReader(files, paths.events, context.onWarning);
  let probedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    options.signal?.throwIfAborted();
    // Check both before reading the events, so that no event before the end is lost.
    const over = await exists(files, paths.result);
    let gone = false;
    if (!over && clock.monotonic() - probedAt >= pollMs * pollsPerProbe) {
      probedAt = clock.monotonic();
      gone = (await liveOwner(context)) === null;
    }
    do {
      for (const event of await reader.read()) {
        progress.note(event);
        if (event.sequence <= options.afterSequence) {
          if (event.kind === 'started' || event.kind === 'epoch') known = event;
          continue;
        }
        options.signal?.throwIfAborted();
        tellKnown();
        await options.onEvent(event);
      }
      options.signal?.throwIfAborted();
    } while (!reader.atEnd);
    tellKnown();
    if (over) {
      const result = await readResult(files, paths.result);
      if (result !== null) {
        await settle(context);
        return result;
      }
    }
    if (gone && !(await exists(files, paths.result))) return ended(context, progress);
    // An abort ends the wait early; the loop begins with a check of the signal.
    if (!gone) await sleep(pollMs, undefined, options.signal ? { signal: options.signal } : {}).catch(() => {});
  }
}

/** Waits for the trainer, which cleans up its folder after it has written the result. */
async function settle(context: FollowContext): Promise<void> {
  const { clock, pollMs } = context;
  const until = clock.monotonic() + settleMs;
  while (clock.monotonic() < until && (await liveOwner(context)) !== null) await sleep(pollMs);
}

async function ended({ files, paths }: FollowContext, progress: Progress): Promise<RunResult> {
  if (await exists(files, paths.cancel)) return progress.cancelled();
  const log = await readLogTail(files, paths.log, 20);
  throw new TrainingError(
    'trainer-died',
    `The training ended without a result ${progress.place()}.${log === '' ? '' : ` The end of its log:\n${log}`}`,
    'Continue it from its last checkpoint. If it ends again, memory may have run out: lower the batch size or the image size.',
    { where: paths.log },
  );
}

interface Progress {
  note(event: RunEvent): void;
  place(): string;
  cancelled(): RunResult;
}

/** The progress of a run without a result, from its events. */
function createProgress(): Progress {
  let epochs = 0;
  let device = 'unknown';
  const seconds = new Map<number, number>();
  let completed = 0;
  return {
    note(event) {
      if (event.kind === 'started') ({ device, epochs } = event);
      if (event.kind !== 'epoch') return;
      seconds.set(event.epoch, event.seconds);
      completed = Math.max(completed, event.epoch);
    },
    place: () => (seconds.size === 0 ? 'before its first epoch was done' : `after epoch ${completed} of ${epochs}`),
    cancelled: () => ({
      status: 'cancelled',
      epochsCompleted: completed,
      trainingSeconds: [...seconds.values()].reduce((sum, value) => sum + value, 0),
      packages: {},
      device,
    }),
  };
}
