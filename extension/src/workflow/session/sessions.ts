import type { DatasetSource } from '../../core/dataset/types.ts';
import { strategyById } from '../../core/selection/registry.ts';
import { isSettingName, validateSettings } from '../../core/session/settings.ts';
import type { SessionSettings } from '../../core/session/types.ts';
import { isIterationBusy, withSessionLease } from './sessionLease.ts';
import { openDataset } from '../dataset/datasets.ts';
import type { ScanReport } from '../dataset/scanImages.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { versionSpaces } from '../similarity/embedImages.ts';
import { rememberWeights, requireWeights } from '../models/knownFiles.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { checkUncertaintyScore } from './uncertaintyScore.ts';

export interface CreatedSession {
  readonly session: SessionRow;
  readonly scan: ScanReport;
}

/** Creates a session over a dataset. Settings that are not given take their defaults. */
export async function createSession(
  ports: Ports,
  source: DatasetSource,
  settings: Partial<SessionSettings>,
  options: RunOptions = {},
): Promise<CreatedSession> {
  // Validate settings first: a typing mistake must not cost a scan of a large folder.
  const checked = validateSettings(settings);
  strategyById(checked.strategy);
  await checkUncertaintyScore(ports, checked);
  await requireWeights(ports, settings.baseModel);
  const scan = await openDataset(ports, source, options);
  await rememberWeights(ports, settings.baseModel);
  const session = await ports.store.sessions.create(scan.dataset.id, checked);
  return { session, scan };
}

/**
 * Changes settings. Completed iterations keep theirs in their runs and lineage; a running one, here or in another
 * window, continues with the settings it started with.
 */
export async function editSession(ports: Ports, id: number, change: Partial<SessionSettings>): Promise<SessionRow> {
  const session = requireRow(await ports.store.sessions.get(id), 'session', id);
  const settings = checkedChange(session, change);
  // A plug-in that has been removed meanwhile must not block other changes.
  const concerned = ['rankingMetric', 'flip', 'localisation'].some((field) => Object.hasOwn(change, field));
  if (concerned) await checkUncertaintyScore(ports, settings);
  await requireWeights(ports, change.baseModel);
  await rememberWeights(ports, change.baseModel);
  return ports.store.sessions.update(id, { settings });
}

/** The session with other settings; stores nothing. @throws SettingsError. */
export function changedSession(session: SessionRow, change: Partial<SessionSettings>): SessionRow {
  return { ...session, ...checkedChange(session, change) };
}

function checkedChange(session: SessionRow, change: Partial<SessionSettings>): SessionSettings {
  return validateSettings({
    ...settingsOf(session),
    ...change,
    typed: [...new Set([...session.typed, ...Object.keys(change)])],
  });
}

/** A new session with the same dataset and settings, without iterations. */
export async function duplicateSession(ports: Pick<Ports, 'store'>, id: number, name: string): Promise<SessionRow> {
  const session = requireRow(await ports.store.sessions.get(id), 'session', id);
  return ports.store.sessions.create(session.datasetId, validateSettings({ ...settingsOf(session), name }));
}

/**
 * Deletes a session from the database. Label files and images are never touched.
 * @throws WorkflowError `session-busy` while an iteration of it runs, `busy-elsewhere` while one starts.
 */
export async function deleteSession(ports: Ports, id: number): Promise<void> {
  await whileIdle(ports, id, async () => {
    await dropPredictions(ports, id);
    await ports.store.sessions.delete(id);
  });
}

/** Rows deleted per call: a few hundredths of a second, in which other calls of the database wait. */
const deletedAtOnce = 5000;

/** Deletes all predictions and vectors of a session in small steps. */
async function dropPredictions(ports: Pick<Ports, 'embeddings' | 'store'>, sessionId: number): Promise<void> {
  while ((await ports.store.predictions.prune(sessionId, deletedAtOnce, 'all')) > 0);
  await ports.embeddings.dropOthers(versionSpaces(sessionId), '');
}

/**
 * Completes a session. Its best model can still be exported, and the session can be reopened.
 * @throws WorkflowError `not-found`, `session-busy` while an iteration of it runs, `busy-elsewhere` while one starts,
 * `not-now` if it is already closed.
 */
export async function completeSession(
  ports: Pick<Ports, 'store' | 'system' | 'trainer'>,
  id: number,
): Promise<SessionRow> {
  return whileIdle(ports, id, async () => {
    const session = requireRow(await ports.store.sessions.get(id), 'session', id);
    if (isClosed(session)) {
      throw new WorkflowError('not-now', `"${session.name}" is ${session.status} already.`, 'It can be opened again.');
    }
    return ports.store.sessions.update(id, { status: 'completed', completedAt: ports.system.clock.now() });
  });
}

/**
 * Reopens a completed session, which continues at its last step.
 * @throws WorkflowError `not-found`, `not-now` if it is open.
 */
export async function reopenSession(ports: Pick<Ports, 'store'>, id: number): Promise<SessionRow> {
  const session = requireRow(await ports.store.sessions.get(id), 'session', id);
  if (!isClosed(session)) {
    throw new WorkflowError('not-now', `"${session.name}" is open.`, 'Train its next iteration, or complete it first.');
  }
  const begun = (await currentIteration(ports, id)) !== null;
  return ports.store.sessions.update(id, { status: begun ? 'active' : 'created', completedAt: null });
}

/** Whether a session is closed: it can be exported and reopened, but nothing else. */
export function isClosed({ status }: Pick<SessionRow, 'status'>): boolean {
  return status === 'completed' || status === 'archived';
}

/**
 * While any window works on the session, in any step, its rows must not be deleted.
 * @throws WorkflowError `session-busy`.
 */
export async function requireIdle(ports: Pick<Ports, 'store' | 'system' | 'trainer'>, id: number): Promise<void> {
  await requireNoTrainer(ports, id);
  if (await isIterationBusy(ports, await currentIteration(ports, id))) {
    throw new WorkflowError(
      'session-busy',
      'An iteration of this session is running, perhaps in another window.',
      'Stop it there, or take it over and stop it here.',
    );
  }
}

/**
 * Checks before taking the lease, to report what is running, and again under the lease, when no iteration can start.
 */
async function whileIdle<T>(
  ports: Pick<Ports, 'store' | 'system' | 'trainer'>,
  id: number,
  work: () => Promise<T>,
): Promise<T> {
  await requireIdle(ports, id);
  return withSessionLease(ports, id, async () => {
    // A window that died meanwhile releases the session, but its trainer continues.
    await requireNoTrainer(ports, id);
    return work();
  });
}

async function requireNoTrainer(ports: Pick<Ports, 'store' | 'trainer'>, id: number): Promise<void> {
  for (const run of await ports.store.runs.list(['running'])) {
    if (run.sessionId === id && (await ports.trainer.isAlive(run.id))) {
      throw new WorkflowError('session-busy', 'A training of this session is running.', 'Stop the training first.');
    }
  }
}

/** The newest iteration, if any. */
export async function currentIteration(ports: Pick<Ports, 'store'>, sessionId: number): Promise<IterationRow | null> {
  return (await ports.store.iterations.list(sessionId)).at(-1) ?? null;
}

/** The settings of a stored session, without the fields that the database adds. */
function settingsOf(session: SessionRow): Partial<SessionSettings> {
  const settings = Object.entries(session).filter(([field]) => field === 'typed' || isSettingName(field));
  return Object.fromEntries(settings) as Partial<SessionSettings>;
}
