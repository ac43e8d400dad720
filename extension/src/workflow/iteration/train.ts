import { trainingErrorFromReport } from '../../core/session/errors.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { WorkflowError, requireRow, throwIfCancelled } from '../shared/errors.ts';
import { handoverReason } from './iterationHandover.ts';
import { ImageLocator } from '../dataset/images.ts';
import { leftOutImages, withUserPaths } from '../models/leftOut.ts';
import type { IterationChange, IterationRow } from '../ports/store/iterations.ts';
import type { MetricPoint } from '../ports/store/runs.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { RunEvent, RunResult } from '../ports/trainer.ts';

/**
 * Steps 2 and 3: starts, re-attaches to, or resumes the run of this iteration, stores its metric series, and registers
 * the model version. After a crash of any process, calling it again continues the run.
 */
export async function trainModel(
  ports: Pick<Ports, 'artifacts' | 'store' | 'trainer'>,
  session: SessionRow,
  iteration: IterationRow,
  options: RunOptions,
): Promise<IterationChange> {
  const runId = requireRow(iteration.runId, 'run of iteration', iteration.iterationNumber);
  const result = (await ports.trainer.result(runId)) ?? (await followTraining(ports, session, runId, options));
  if (result.status === 'cancelled') {
    await ports.store.runs.update(runId, { state: 'cancelled', lease: null });
    throw new WorkflowError(
      'cancelled',
      'The training was stopped.',
      'Train again to start it over; labels and earlier models are kept.',
    );
  }
  if (result.status === 'failed') {
    await ports.store.runs.update(runId, { state: 'failed', lease: null });
    if (result.error) {
      const { message, where } = result.error;
      const own = (text: string): Promise<string> => withUserPaths(ports, session.datasetId, runId, text);
      throw trainingErrorFromReport({
        ...result.error,
        message: await own(message),
        ...(where === undefined ? {} : { where: await own(where) }),
      });
    }
    throw trainingErrorFromReport({
      name: 'TrainingError',
      code: 'unexpected',
      message: 'The training failed without saying why.',
      hint: 'trainer.log in the run folder holds what it printed.',
    });
  }
  await ports.store.runs.update(runId, { state: 'finished', lease: null });
  return registerVersion(ports, session, iteration, result);
}

async function followTraining(
  ports: Pick<Ports, 'store' | 'trainer'>,
  session: SessionRow,
  runId: string,
  options: RunOptions,
): Promise<RunResult> {
  throwIfCancelled(options.signal);
  const letGo = new AbortController();
  let working = await ports.trainer.isAlive(runId);
  const stop = (): void => {
    const goesOnElsewhere = handoverReason(options.signal);
    if (goesOnElsewhere !== null) letGo.abort(goesOnElsewhere);
    else if (working) void ports.trainer.cancel(runId);
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    if (!working) {
      reportProgress(options, 'train', 'Starting the trainer');
      // A window without a screen never gets its terminal; a late start finds the run already taken.
      const lease = await Promise.race([ports.trainer.start(runId), whenAborted(letGo.signal)]);
      await ports.store.runs.update(runId, { state: 'running', lease });
      working = true;
    }
    // Starting takes seconds; a stop requested meanwhile must not get lost.
    if (options.signal?.aborted) stop();
    const { lastSequence } = requireRow(await ports.store.runs.get(runId), 'run', runId);
    return await ports.trainer.follow(runId, {
      afterSequence: lastSequence,
      signal: letGo.signal,
      // A process that attaches to a running training shows its progress at once, not only after the next epoch.
      onKnown: (event) => reportEvent(event, options),
      onEvent: async (event) => {
        const points = metricPoints(event);
        if (points.length > 0) await ports.store.runs.addMetrics(runId, event.sequence, points);
        reportEvent(event.kind === 'warning' ? await withImageFile(ports, session, runId, event) : event, options);
      },
    });
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** Rejects with the signal's reason; never resolves. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function metricPoints(event: RunEvent): MetricPoint[] {
  const values = event.kind === 'epoch' ? event.losses : event.kind === 'metrics' ? event.values : {};
  const epoch = 'epoch' in event ? event.epoch : 0;
  const prefix = event.kind === 'epoch' ? 'train/' : 'trainer/';
  return Object.entries(values).map(([name, value]) => ({
    sequence: event.sequence,
    epoch,
    name: prefix + name,
    value,
  }));
}

type Warning = Extract<RunEvent, { readonly kind: 'warning' }>;

/** The trainer identifies an image by its id. */
async function withImageFile(
  ports: Pick<Ports, 'store'>,
  session: SessionRow,
  runId: string,
  event: Warning,
): Promise<Warning> {
  const row = event.image === undefined ? null : await ports.store.images.get(event.image);
  if (row === null) return { ...event, message: await withUserPaths(ports, session.datasetId, runId, event.message) };
  const file = (await ImageLocator.of(ports, session.datasetId)).path(row);
  return { ...event, message: `${file} is left out by the trainer: ${event.reason ?? event.message}` };
}

function reportEvent(event: RunEvent, options: RunOptions): void {
  switch (event.kind) {
    case 'started':
      reportProgress(
        options,
        'train',
        event.resumedAt === undefined
          ? `Training on ${event.device}`
          : `Training goes on after epoch ${event.resumedAt} on ${event.device}`,
      );
      break;
    case 'epoch':
      reportProgress(options, 'train', `Epoch ${event.epoch} of ${event.epochs}`, event.epoch / event.epochs);
      break;
    case 'warning':
    case 'log':
      reportProgress(options, 'train', event.message);
      break;
    default:
  }
}

async function registerVersion(
  ports: Pick<Ports, 'artifacts' | 'store'>,
  session: SessionRow,
  iteration: IterationRow,
  result: RunResult,
): Promise<IterationChange> {
  const modelPath = requireRow(result.onnxPath ?? null, 'exported model of run', iteration.runId ?? '');
  const weightsPath = requireRow(result.weightsPath ?? null, 'weights of run', iteration.runId ?? '');
  const leftOut = await leftOutImages(ports, result);
  const counts = {
    trainingImagesCount: result.dataset?.trainImages ?? iteration.trainingImagesCount,
    trainingBoxesCount: result.dataset?.trainBoxes ?? iteration.trainingBoxesCount,
  };
  const change = {
    ...counts,
    modelPath,
    weightsPath,
    loss: result.finalLoss ?? null,
    trainingTimeSeconds: result.trainingSeconds,
  };
  const run = requireRow(await ports.store.runs.get(iteration.runId ?? ''), 'run', iteration.runId ?? '');
  // Already registered before a crash.
  if (await ports.store.models.byIteration(iteration.id)) return change;
  await ports.store.models.create({
    sessionId: session.id,
    iterationId: iteration.id,
    modelPath,
    weightsPath,
    performanceMetrics: {},
    modelSizeMb: (await ports.artifacts.sizeBytes(weightsPath)) / 1e6,
    labelSnapshot: run.labelSnapshot ?? '',
    lineage: {
      runId: iteration.runId,
      baseModel: session.baseModel,
      warmStart: session.warmStart,
      seed: session.seed,
      trainingImages: counts.trainingImagesCount,
      trainingBoxes: counts.trainingBoxesCount,
      leftOut,
      validationRevisionId: iteration.validationRevisionId,
      optimizer: result.optimizer ?? null,
      packages: result.packages,
      device: result.device,
      modelInfo: result.modelInfo ?? null,
    },
  });
  return change;
}
