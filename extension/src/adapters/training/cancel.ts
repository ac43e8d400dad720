import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../workflow/ports/clock.ts';
import type { Lease } from '../../workflow/ports/store/leases.ts';
import { exists } from '../python/fileOps.ts';
import { touchRunFile } from '../python/runFiles.ts';
import { killTree, signal } from '../platform/processTree.ts';
import { liveOwner, ownerToSignal, type RunProcess } from './runOwner.ts';

export interface CancelContext extends RunProcess {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly pollMs: number;
  /** Milliseconds from a request by file to SIGTERM, and from SIGTERM to SIGKILL. */
  readonly signalAfterMs: number;
  readonly killAfterMs: number;
}

/**
 * Requests a stop with the file `cancel`, then with SIGTERM, and finally kills the process with its children. Before each
 * signal, pid, start time and nonce must agree with the record outside the folder. Returns when no process of the run is left.
 */
export async function cancelRun(context: CancelContext): Promise<void> {
  const { files, paths } = context;
  if (!(await exists(files, paths.config)) || (await exists(files, paths.result))) return;
  const asked = await touchRunFile(files, paths.cancel).then(
    () => true,
    () => false,
  );
  // On a full disk, only the signal is possible.
  if (await waitForEnd(context, asked ? context.signalAfterMs : 0)) return;
  // Windows has no such request: SIGTERM would end the process immediately.
  if (process.platform !== 'win32') await withOwner(context, async ({ pid }) => signal(pid, 'SIGTERM'));
  if (await waitForEnd(context, context.killAfterMs)) return;
  await withOwner(context, ({ pid }) => killTree(pid));
  await waitForEnd(context, context.killAfterMs);
}

async function withOwner(context: CancelContext, act: (owner: Lease) => Promise<void>): Promise<void> {
  const owner = await ownerToSignal(context);
  if (owner !== null) await act(owner);
}

async function waitForEnd(context: CancelContext, timeoutMs: number): Promise<boolean> {
  const { clock } = context;
  const until = clock.monotonic() + timeoutMs;
  for (;;) {
    if ((await liveOwner(context)) === null) return true;
    if (clock.monotonic() >= until) return false;
    await sleep(context.pollMs);
  }
}
