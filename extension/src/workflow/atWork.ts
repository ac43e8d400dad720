import { isStep } from '../core/session/stateMachine.ts';
import type { Engine } from './engine.ts';
import type { IterationRow } from './ports/store.ts';

/**
 * Whether somebody works on this iteration, in this window or another one: its trainer lives, or it is in a step and a
 * living process holds the lease on iterations. One runs at a time in a workspace, so the lease speaks of that one.
 */
export async function isWorkedOn(engine: Engine, iteration: IterationRow | null): Promise<boolean> {
  if (iteration === null) return false;
  if (iteration.runId !== null && (await engine.trainer.isAlive(iteration.runId))) return true;
  if (!isStep(iteration.status) || iteration.status === 'reviewing') return false;
  const holder = await engine.store.leases.holder('training');
  return holder !== null && (await engine.system.isAlive(holder));
}
