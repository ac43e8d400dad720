import { toErrorReport } from '../../core/errors.ts';
import { availableActions, nextIterationNumber } from '../../core/session/actions.ts';
import {
  iterationKind,
  isStep,
  moveTo,
  nextStep,
  resumePoint,
  type IterationStep,
} from '../../core/session/stateMachine.ts';
import { workOnSession } from '../session/sessionLease.ts';
import { rescanDataset } from '../dataset/datasets.ts';
import { tell, type Engine, type Task } from '../ports/ports.ts';
import { WorkflowError, found } from '../shared/errors.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { handedOver } from './iterationHandover.ts';
import { currentIteration } from '../session/sessions.ts';
import { sessionFacts } from '../session/status.ts';
import { withLease } from '../shared/withLease.ts';
import { evaluateModels } from './evaluateModels.ts';
import { prepareTraining } from './prepare.ts';
import { poolSize, scorePool } from './scoring/scorePool.ts';
import { selectBatch } from './selection/selectBatch.ts';
import { trainModel } from './train.ts';

/**
 * Runs the session's iteration up to its review: the next one when the last is completed, otherwise the last one from
 * the step at which it stopped. Without any label that is iteration 0, which only chooses a first batch; after
 * `maxIterations` it is the last training on all labels. One training at a time in a workspace.
 * @returns the iteration, `reviewing`, or `completed` when there is nothing to review.
 * @throws WorkflowError `not-now` with the reason, `busy-elsewhere`, `cancelled`; every other error is also kept on the
 * iteration. HandedOverError when the signal was aborted with one: the iteration stays in its step.
 */
export async function runIteration(engine: Engine, sessionId: number, task: Task = {}): Promise<IterationRow> {
  return withLease(engine, 'training', 'Another training is running in this workspace.', async () => {
    const { datasetId } = found(await engine.store.sessions.get(sessionId), 'session', sessionId);
    // Somebody may have labelled images since the session was made: whether there is a label decides what comes first.
    if ((await currentIteration(engine, sessionId)) === null) await rescanDataset(engine, datasetId, task);
    return workOnSession(engine, sessionId, async () => {
      // Only now nobody else changes it: another window may have completed or deleted it meanwhile.
      const session = found(await engine.store.sessions.get(sessionId), 'session', sessionId);
      const iteration = await takeUp(engine, session, await currentIteration(engine, sessionId));
      return advance(engine, session, iteration, task);
    });
  });
}

async function takeUp(engine: Engine, session: SessionRow, last: IterationRow | null): Promise<IterationRow> {
  const interrupted = last !== null && resumePoint(last) !== null && last.status !== 'reviewing' ? last : null;
  const facts = await sessionFacts(engine, session, last);
  const number = nextIterationNumber(session, last, facts);
  const next = iterationKind(number, session.maxIterations) === 'final' ? 'train-final' : 'begin-iteration';
  const wanted = interrupted === null ? next : 'resume-iteration';
  // `working` is about others; the leases that are held now say that nobody else works.
  const action = availableActions(session, last, { ...facts, working: false }).find((entry) => entry.action === wanted);
  if (!action?.enabled) {
    throw new WorkflowError(
      'not-now',
      action?.reason ?? 'That cannot be done now.',
      'The status of the session shows what can be done.',
    );
  }
  if (interrupted !== null) return resume(engine, interrupted);
  const iteration = await engine.store.iterations.create(session.id, number, 'preparing');
  await engine.store.sessions.update(session.id, {
    status: 'active',
    currentIteration: number,
    ...(session.startedAt === null ? { startedAt: engine.system.clock.now() } : {}),
  });
  return iteration;
}

async function resume(engine: Engine, last: IterationRow): Promise<IterationRow> {
  if (isStep(last.status)) return last;
  const step = resumePoint(last) ?? 'preparing';
  // A run that is over cannot be continued: its iteration starts again with a new snapshot.
  const result = last.runId === null ? null : await engine.trainer.result(last.runId);
  const over = step === 'training' && result !== null && result.status !== 'finished';
  const status = over ? 'preparing' : moveTo(last, step).status;
  return engine.store.iterations.update(last.id, { status, resumeFrom: null, error: null });
}

async function advance(engine: Engine, session: SessionRow, start: IterationRow, task: Task): Promise<IterationRow> {
  const kind = iterationKind(start.iterationNumber, session.maxIterations);
  let iteration = start;
  try {
    while (isStep(iteration.status) && iteration.status !== 'reviewing') {
      const goesOnElsewhere = handedOver(task.signal);
      if (goesOnElsewhere !== null) throw goesOnElsewhere;
      const step = iteration.status;
      const change = await takeStep(engine, session, iteration, step, task);
      const poolEmpty = change.poolEmpty ?? (step === 'evaluating' && (await poolSize(engine, session)) === 0);
      const next = nextStep(step, kind, { poolEmpty });
      const done = next === 'completed' ? { completedAt: engine.system.clock.now() } : {};
      iteration = await engine.store.iterations.update(iteration.id, {
        ...change.iteration,
        ...moveTo(iteration, next),
        ...done,
      });
    }
    return iteration;
  } catch (error) {
    // Neither stopped nor failed: whoever asked for it takes it up at this step.
    const goesOnElsewhere = handedOver(task.signal);
    if (goesOnElsewhere !== null) throw goesOnElsewhere;
    const report = toErrorReport(error);
    // A trainer that was killed leaves a checkpoint: the step stays `training`, and the next call resumes it.
    const ended = moveTo(iteration, report.code === 'cancelled' ? 'cancelled' : 'failed');
    await engine.store.iterations.update(iteration.id, { ...ended, error: `${report.message} ${report.hint}` });
    throw error;
  }
}

interface StepChange {
  readonly iteration?: Partial<IterationRow>;
  readonly poolEmpty?: boolean;
}

async function takeStep(
  engine: Engine,
  session: SessionRow,
  iteration: IterationRow,
  step: Exclude<IterationStep, 'reviewing'>,
  task: Task,
): Promise<StepChange> {
  switch (step) {
    case 'preparing':
      return iteration.iterationNumber === 0
        ? {}
        : { iteration: await prepareTraining(engine, session, iteration, task) };
    case 'training':
      return { iteration: await trainModel(engine, session, iteration, task) };
    case 'evaluating': {
      const revisionId = found(
        iteration.validationRevisionId,
        'validation revision of iteration',
        iteration.iterationNumber,
      );
      const { map50, map5095, precision, recall } = await evaluateModels(engine, session, revisionId, task);
      return { iteration: { map50, map5095, precision, recall } };
    }
    case 'scoring': {
      const version = found(
        await engine.store.models.byIteration(iteration.id),
        'model of iteration',
        iteration.iterationNumber,
      );
      const report = await scorePool(engine, session, version, task);
      return { iteration: { scoringTimeSeconds: (iteration.scoringTimeSeconds ?? 0) + report.seconds } };
    }
    case 'selecting': {
      const version = await engine.store.models.byIteration(iteration.id);
      const { size, notes } = await selectBatch(engine, session, iteration, version, task);
      for (const note of notes) tell(task, 'select', note);
      if (size === 0) tell(task, 'select', 'No image is left in the pool.');
      return { poolEmpty: size === 0 };
    }
  }
}
