import { nextIterationNumber } from '../core/session/actions.ts';
import { isStep, resumePoint } from '../core/session/stateMachine.ts';
import type { Engine } from '../workflow/engine.ts';
import type { IterationRow, SessionRow } from '../workflow/ports/store.ts';
import { currentIteration } from '../workflow/sessions.ts';
import { sessionFacts } from '../workflow/status.ts';

/** An iteration that stopped in the middle because its owner died. */
export interface InterruptedIteration {
  readonly session: SessionRow;
  readonly iteration: IterationRow;
  /** `working`: its trainer is alive, or has left a result that nobody took in yet. */
  readonly kind: 'working' | 'stopped';
}

/** The iteration of this workspace that no live window takes care of, if any. One can run at a time, so there is one. */
export async function interruptedIteration(engine: Engine): Promise<InterruptedIteration | null> {
  for (const session of await engine.store.sessions.list()) {
    if (session.status !== 'active') continue;
    const iteration = await currentIteration(engine, session.id);
    // What failed or was cancelled waits for a person, who was told.
    if (iteration === null || !isStep(iteration.status) || iteration.status === 'reviewing') continue;
    const { runId } = iteration;
    const goesOn =
      runId !== null &&
      ((await engine.trainer.isAlive(runId)) ||
        (iteration.status === 'training' && (await engine.trainer.result(runId)) !== null));
    if (goesOn) return { session, iteration, kind: 'working' };
    if (!(await ownedElsewhere(engine))) return { session, iteration, kind: 'stopped' };
  }
  return null;
}

/** Whether another live process holds the lease on training. */
async function ownedElsewhere(engine: Engine): Promise<boolean> {
  const { owner } = engine.system;
  const asked = await engine.store.leases.acquire('training', owner);
  if (!asked.acquired) return engine.system.isAlive(asked.holder);
  await engine.store.leases.release('training', owner);
  return false;
}

/** Whether the next run of this session starts a trainer: the first batch of an unlabelled dataset needs none. */
export async function willTrain(engine: Engine, session: SessionRow): Promise<boolean> {
  const last = await currentIteration(engine, session.id);
  if (last !== null && resumePoint(last) !== null && last.status !== 'reviewing') {
    const step = resumePoint(last);
    if (last.iterationNumber === 0) return false;
    if (last.runId !== null && (await engine.trainer.isAlive(last.runId))) return false;
    return step === 'preparing' || step === 'training';
  }
  if (last?.status === 'reviewing') return false;
  const facts = await sessionFacts(engine, session, last);
  return nextIterationNumber(session, last, facts) > 0;
}
