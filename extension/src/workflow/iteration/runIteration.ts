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
import { withSessionLease } from '../session/sessionLease.ts';
import { rescanDataset } from '../dataset/datasets.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { handoverReason } from './iterationHandover.ts';
import { currentIteration } from '../session/sessions.ts';
import { sessionFacts } from '../session/status.ts';
import { withLease } from '../shared/withLease.ts';
import { prepareTraining, startingWeights } from './prepare.ts';
import { poolSize } from '../dataset/pool.ts';
import { runInBackground } from './runInBackground.ts';
import { trainModel } from './train.ts';

/**
 * Runs the session's iteration up to its review: the next one if the last is completed, otherwise the last one from the
 * step at which it stopped. Without any label this is iteration 0, which only selects a first batch; after
 * `maxIterations` it is the final training on all labels. A workspace trains once at a time.
 * @returns the iteration: `reviewing`, or `completed` if there is nothing to review.
 * @throws WorkflowError `not-now` with the reason, `busy-elsewhere`, `cancelled`; every other error is also stored in
 * the iteration. HandoverError if the signal was aborted with one: the iteration stays in its step.
 */
export async function runIteration(ports: Ports, sessionId: number, options: RunOptions = {}): Promise<IterationRow> {
  return withLease(ports, 'training', 'Another training is running in this workspace.', async () => {
    const { datasetId } = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
    // Images may have been labelled since the session was created; whether there is a label decides the first step.
    if ((await currentIteration(ports, sessionId)) === null) await rescanDataset(ports, datasetId, options);
    return withSessionLease(ports, sessionId, async () => {
      // Read it again under the lease: another window may have completed or deleted the session meanwhile.
      const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
      const iteration = await openIteration(ports, session, await currentIteration(ports, sessionId));
      return runSteps(ports, session, iteration, options);
    });
  });
}

async function openIteration(
  ports: Pick<Ports, 'store' | 'system' | 'trainer'>,
  session: SessionRow,
  last: IterationRow | null,
): Promise<IterationRow> {
  const interrupted = last !== null && resumePoint(last) !== null && last.status !== 'reviewing' ? last : null;
  const facts = await sessionFacts(ports, session, last);
  const number = nextIterationNumber(session, last, facts);
  const final = iterationKind(number, session.maxIterations) === 'final';
  const next = number === 0 ? 'select-first-batch' : final ? 'train-final' : 'begin-iteration';
  const wanted = interrupted === null ? next : 'resume-iteration';
  // `working` refers to other processes; the leases held now exclude them.
  const action = availableActions(session, last, { ...facts, working: false }).find((entry) => entry.action === wanted);
  if (!action?.enabled) {
    throw new WorkflowError(
      'not-now',
      action?.reason ?? 'That cannot be done now.',
      'The status of the session shows what can be done.',
    );
  }
  if (interrupted !== null) return resumeIteration(ports, session, interrupted);
  if (number > 0) await checkWeights(ports, session);
  const iteration = await ports.store.iterations.create(session.id, number, 'preparing');
  await ports.store.sessions.update(session.id, {
    status: 'active',
    currentIteration: number,
    ...(session.startedAt === null ? { startedAt: ports.system.clock.now() } : {}),
  });
  return iteration;
}

/** Checks the weights before anything is stored, so that a question about them leaves no failed iteration behind. */
async function checkWeights(ports: Pick<Ports, 'store' | 'trainer'>, session: SessionRow): Promise<void> {
  await ports.trainer.checkWeights(await startingWeights(ports, session));
}

async function resumeIteration(
  ports: Pick<Ports, 'store' | 'trainer'>,
  session: SessionRow,
  last: IterationRow,
): Promise<IterationRow> {
  if (isStep(last.status)) return last;
  const step = resumePoint(last) ?? 'preparing';
  // A finished run cannot be continued: its iteration starts again with a new snapshot.
  const result = last.runId === null ? null : await ports.trainer.result(last.runId);
  const over = step === 'training' && result !== null && result.status !== 'finished';
  const status = over ? 'preparing' : moveTo(last, step).status;
  if (status === 'preparing' && last.iterationNumber > 0) await checkWeights(ports, session);
  return ports.store.iterations.update(last.id, { status, resumeFrom: null, error: null });
}

async function runSteps(
  ports: Ports,
  session: SessionRow,
  start: IterationRow,
  options: RunOptions,
): Promise<IterationRow> {
  const kind = iterationKind(start.iterationNumber, session.maxIterations);
  let iteration = start;
  try {
    while (isStep(iteration.status) && iteration.status !== 'reviewing') {
      const goesOnElsewhere = handoverReason(options.signal);
      if (goesOnElsewhere !== null) throw goesOnElsewhere;
      const step = iteration.status;
      const change = await runStep(ports, session, iteration, step, options);
      const poolEmpty = change.poolEmpty ?? (step === 'evaluating' && (await poolSize(ports, session.datasetId)) === 0);
      const next = nextStep(step, kind, { poolEmpty });
      const done = next === 'completed' ? { completedAt: ports.system.clock.now() } : {};
      iteration = await ports.store.iterations.update(iteration.id, {
        ...change.iteration,
        ...moveTo(iteration, next),
        ...done,
      });
    }
    return iteration;
  } catch (error) {
    // Neither stopped nor failed: the window that requested the iteration continues it at this step.
    const goesOnElsewhere = handoverReason(options.signal);
    if (goesOnElsewhere !== null) throw goesOnElsewhere;
    const report = toErrorReport(error);
    // A killed trainer leaves a checkpoint: the step stays `training`, and the next call resumes it.
    const ended = moveTo(iteration, report.code === 'cancelled' ? 'cancelled' : 'failed');
    await ports.store.iterations.update(iteration.id, { ...ended, error: `${report.message} ${report.hint}` });
    throw error;
  }
}

interface StepChange {
  readonly iteration?: Partial<IterationRow>;
  readonly poolEmpty?: boolean;
}

async function runStep(
  ports: Ports,
  session: SessionRow,
  iteration: IterationRow,
  step: Exclude<IterationStep, 'reviewing'>,
  options: RunOptions,
): Promise<StepChange> {
  switch (step) {
    case 'preparing':
      return iteration.iterationNumber === 0
        ? {}
        : { iteration: await prepareTraining(ports, session, iteration, options) };
    case 'training':
      return { iteration: await trainModel(ports, session, iteration, options) };
    case 'evaluating': {
      const revisionId = requireRow(
        iteration.validationRevisionId,
        'validation revision of iteration',
        iteration.iterationNumber,
      );
      const { map50, map5095, precision, recall } = await runInBackground(
        ports,
        'evaluateModels',
        [session, revisionId],
        options,
      );
      return { iteration: { map50, map5095, precision, recall } };
    }
    case 'scoring': {
      const version = requireRow(
        await ports.store.models.byIteration(iteration.id),
        'model of iteration',
        iteration.iterationNumber,
      );
      const report = await runInBackground(ports, 'scoreVersion', [session, version], options);
      return { iteration: { scoringTimeSeconds: (iteration.scoringTimeSeconds ?? 0) + report.seconds } };
    }
    case 'selecting': {
      const version = await ports.store.models.byIteration(iteration.id);
      const { size, notes } = await runInBackground(ports, 'selectBatch', [session, iteration, version], options);
      for (const note of notes) reportProgress(options, 'select', note);
      if (size === 0) reportProgress(options, 'select', 'No image is left in the pool.');
      return { poolEmpty: size === 0 };
    }
  }
}
