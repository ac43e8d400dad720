import { nextIterationNumber } from '../../core/session/actions.ts';
import { isStep, resumePoint } from '../../core/session/stateMachine.ts';
import type { Ports } from '../../workflow/ports/ports.ts';
import type { IterationRow } from '../../workflow/ports/store/iterations.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import { findOtherWorker } from '../../workflow/iteration/iterationHandover.ts';
import { currentIteration } from '../../workflow/session/sessions.ts';
import { sessionFacts } from '../../workflow/session/status.ts';

/** An iteration in the middle of a step that this window does not run. */
export interface InterruptedIteration {
  readonly session: SessionRow;
  readonly iteration: IterationRow;
  /**
   * `elsewhere`: another live window runs it. Otherwise its owner died: `working` if the trainer is alive or has left a
   * result that is not stored yet, `stopped` if nothing runs.
   */
  readonly kind: 'elsewhere' | 'working' | 'stopped';
}

/** The iteration of this workspace that is in the middle of a step. Only one runs at a time. */
export async function interruptedIteration(ports: Ports): Promise<InterruptedIteration | null> {
  for (const session of await ports.store.sessions.list()) {
    if (session.status !== 'active') continue;
    const iteration = await currentIteration(ports, session.id);
    // The user already knows about failed and cancelled iterations.
    if (iteration === null || !isStep(iteration.status) || iteration.status === 'reviewing') continue;
    if ((await findOtherWorker(ports)) !== null) return { session, iteration, kind: 'elsewhere' };
    const { runId } = iteration;
    const goesOn =
      runId !== null &&
      ((await ports.trainer.isAlive(runId)) ||
        (iteration.status === 'training' && (await ports.trainer.result(runId)) !== null));
    return { session, iteration, kind: goesOn ? 'working' : 'stopped' };
  }
  return null;
}

/** Whether the session's next run starts a trainer; the first batch of an unlabelled dataset does not. */
export async function willTrain(ports: Ports, session: SessionRow): Promise<boolean> {
  const last = await currentIteration(ports, session.id);
  if (last !== null && resumePoint(last) !== null && last.status !== 'reviewing') {
    const step = resumePoint(last);
    if (last.iterationNumber === 0) return false;
    if (last.runId !== null && (await ports.trainer.isAlive(last.runId))) return false;
    return step === 'preparing' || step === 'training';
  }
  if (last?.status === 'reviewing') return false;
  const facts = await sessionFacts(ports, session, last);
  return nextIterationNumber(session, last, facts) > 0;
}

/** The number of the iteration that the next run starts or resumes. */
export async function upcomingIteration(ports: Ports, session: SessionRow): Promise<number> {
  const last = await currentIteration(ports, session.id);
  if (last !== null && resumePoint(last) !== null) return last.iterationNumber;
  return nextIterationNumber(session, last, await sessionFacts(ports, session, last));
}
