import { nextIterationNumber } from '../../core/session/actions.ts';
import { isStep, resumePoint } from '../../core/session/stateMachine.ts';
import type { Ports } from '../../workflow/ports/ports.ts';
import type { IterationRow } from '../../workflow/ports/store/iterations.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import { findOtherWorker } from '../../workflow/iteration/iterationHandover.ts';
import { currentIteration } from '../../workflow/session/sessions.ts';
import { sessionFacts } from '../../workflow/session/status.ts';

/** An iteration in the middle of a step that this window does not work on. */
export interface InterruptedIteration {
  readonly session: SessionRow;
  readonly iteration: IterationRow;
  /**
   * `elsewhere`: another live window works on it. Otherwise its owner died: `working` where the trainer is alive or has
   * left a result that nobody took in, `stopped` where nothing goes on.
   */
  readonly kind: 'elsewhere' | 'working' | 'stopped';
}

/** The iteration of this workspace that is in the middle of a step, if any. One runs at a time, so there is one. */
export async function interruptedIteration(ports: Ports): Promise<InterruptedIteration | null> {
  for (const session of await ports.store.sessions.list()) {
    if (session.status !== 'active') continue;
    const iteration = await currentIteration(ports, session.id);
    // What failed or was cancelled waits for a person, who was told.
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

/** Whether the next run of this session starts a trainer: the first batch of an unlabelled dataset needs none. */
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

/** The number of the iteration that the next run begins, or goes on with. */
export async function upcomingIteration(ports: Ports, session: SessionRow): Promise<number> {
  const last = await currentIteration(ports, session.id);
  if (last !== null && resumePoint(last) !== null) return last.iterationNumber;
  return nextIterationNumber(session, last, await sessionFacts(ports, session, last));
}
