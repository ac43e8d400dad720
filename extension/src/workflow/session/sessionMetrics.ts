import { storedMetrics } from '../models/storedMetrics.ts';
import type { Ports } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { MetricPoint, RunRow } from '../ports/store/runs.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';

/** The metrics of one iteration, with the data that they were measured on. */
export interface IterationNumbers {
  readonly iteration: IterationRow;
  readonly map50: number | null;
  readonly map5095: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly validationImages: number | null;
  /** Classes with at least one validation box. */
  readonly classesWithTruth: number | null;
  /** Review time in seconds; `null` before the first verdict. */
  readonly reviewSeconds: number | null;
  readonly isBest: boolean;
}

/** One curve. A value that is not a number (a diverged loss) has no point. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly epoch: number; readonly value: number }[];
}

export interface RunCurves {
  readonly run: RunRow;
  /** The last stored epoch. */
  readonly epoch: number;
  readonly epochs: number;
  readonly series: readonly Series[];
}

export interface SessionMetrics {
  readonly session: SessionRow;
  readonly classCount: number;
  readonly iterations: readonly IterationNumbers[];
  /** The trainings of the session, newest last. */
  readonly runs: readonly { readonly run: RunRow; readonly iterationNumber: number }[];
  /** The requested run, otherwise the newest. */
  readonly curves: RunCurves | null;
}

/**
 * Everything that the metrics page shows. Accuracy is that of the stored version on the newest validation revision, on
 * which every version is evaluated again, so that iterations are comparable. If it is missing, the metrics of the
 * iteration itself are shown.
 * @throws WorkflowError `not-found` if the session was deleted.
 */
export async function sessionMetrics(
  ports: Pick<Ports, 'artifacts' | 'runsFolder' | 'store'>,
  sessionId: number,
  runId?: string,
): Promise<SessionMetrics> {
  const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
  const dataset = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  const iterations = await ports.store.iterations.list(sessionId);
  const versions = await ports.store.models.list(sessionId);
  const numbers: IterationNumbers[] = [];
  for (const iteration of iterations) {
    const version = versions.find((one) => one.iterationId === iteration.id);
    numbers.push(numbersOf(iteration, version, await reviewSeconds(ports, iteration)));
  }
  const runs = await trainings(ports, sessionId, iterations);
  const chosen = runs.find(({ run }) => run.id === runId) ?? runs.at(-1);
  return {
    session,
    classCount: dataset.classNames.length,
    iterations: numbers,
    runs,
    curves: chosen === undefined ? null : await curvesOf(ports, chosen.run, session),
  };
}

/** Changes when a run gets new points, ends, or another run starts. Cheap enough to poll every second. */
export async function trainingFingerprint(ports: Pick<Ports, 'store'>, sessionId: number): Promise<string> {
  const runs = (await ports.store.runs.list()).filter((run) => run.sessionId === sessionId);
  return runs.map(({ id, state, lastSequence }) => `${id} ${state} ${lastSequence}`).join('\n');
}

function numbersOf(
  iteration: IterationRow,
  version: ModelVersionRow | undefined,
  seconds: number | null,
): IterationNumbers {
  const metrics = version?.performanceMetrics ?? {};
  const number = (name: string): number | null => {
    const value = metrics[name];
    return typeof value === 'number' ? value : null;
  };
  const revision = number('revisionId');
  const stored = version && revision !== null ? storedMetrics(version, revision) : null;
  const { map50, map5095, precision, recall } = stored ?? iteration;
  return {
    iteration,
    map50,
    map5095,
    precision,
    recall,
    validationImages: (stored === null ? null : number('images')) ?? iteration.validationImagesCount,
    classesWithTruth: number('classesWithTruth'),
    reviewSeconds: seconds,
    isBest: version?.isBest ?? false,
  };
}

async function reviewSeconds(ports: Pick<Ports, 'store'>, iteration: IterationRow): Promise<number | null> {
  if (iteration.status !== 'reviewing' && iteration.status !== 'completed') return null;
  const samples = await ports.store.samples.list(iteration.id);
  const seconds = samples.flatMap((sample) => (sample.reviewSeconds === null ? [] : [sample.reviewSeconds]));
  return seconds.length === 0 ? null : seconds.reduce((sum, one) => sum + one, 0);
}

async function trainings(
  ports: Pick<Ports, 'store'>,
  sessionId: number,
  iterations: readonly IterationRow[],
): Promise<SessionMetrics['runs']> {
  const numberOf = new Map(iterations.map(({ id, iterationNumber }) => [id, iterationNumber]));
  return (await ports.store.runs.list()).flatMap((run) => {
    const iterationNumber = numberOf.get(run.iterationId);
    const shown = run.sessionId === sessionId && run.job === 'train' && iterationNumber !== undefined;
    return shown ? [{ run, iterationNumber }] : [];
  });
}

async function curvesOf(
  ports: Pick<Ports, 'artifacts' | 'runsFolder' | 'store'>,
  run: RunRow,
  session: SessionRow,
): Promise<RunCurves> {
  const points = await ports.store.runs.metrics(run.id);
  const epoch = points.reduce((last, point) => Math.max(last, point.epoch), 0);
  return { run, epoch, epochs: await plannedEpochs(ports, run, session), series: seriesOf(points) };
}

/** By name. An epoch that was trained again after a resume has its newest value. */
function seriesOf(points: readonly MetricPoint[]): Series[] {
  const byName = new Map<string, Map<number, number>>();
  for (const { name, epoch, value } of points.toSorted((a, b) => a.sequence - b.sequence)) {
    const curve = byName.get(name) ?? new Map<number, number>();
    byName.set(name, curve.set(epoch, value));
  }
  return [...byName.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, curve]) => ({
      name,
      points: [...curve.entries()]
        .filter(([, value]) => Number.isFinite(value))
        .toSorted(([a], [b]) => a - b)
        .map(([epoch, value]) => ({ epoch, value })),
    }));
}

/** The plan may have raised the session's epochs; the configuration of the run has the real number. */
async function plannedEpochs(
  ports: Pick<Ports, 'artifacts' | 'runsFolder'>,
  run: RunRow,
  session: SessionRow,
): Promise<number> {
  try {
    const config: unknown = JSON.parse(await ports.artifacts.readText(`${ports.runsFolder}/${run.id}/config.json`));
    const plan = isRecord(config) ? config['plan'] : null;
    const epochs = isRecord(plan) ? plan['epochs'] : null;
    if (typeof epochs === 'number' && epochs > 0) return epochs;
  } catch {
    // The user may delete a run folder to free space; its curves are in the database.
  }
  return session.epochs;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
