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

/** Creates a session over a dataset; settings that are not given take their defaults. */
export async function createSession(
  ports: Ports,
  source: DatasetSource,
  settings: Partial<SessionSettings>,
  options: RunOptions = {},
): Promise<CreatedSession> {
  // Settings first: a typing mistake must not cost a scan of a large folder.
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
 * Changes settings; iterations that are over keep what they were made with in their runs and lineage, and one that runs,
 * here or in another window, goes on with what it began with.
 */
export async function editSession(ports: Ports, id: number, change: Partial<SessionSettings>): Promise<SessionRow> {
  const session = requireRow(await ports.store.sessions.get(id), 'session', id);
  const settings = checkedChange(session, change);
  // A plug-in that is gone meanwhile is no reason to refuse other changes.
  const concerned = ['rankingMetric', 'flip', 'localisation'].some((field) => Object.hasOwn(change, field));
  if (concerned) await checkUncertaintyScore(ports, settings);
  await requireWeights(ports, change.baseModel);
  await rememberWeights(ports, change.baseModel);
  return ports.store.sessions.update(id, { settings });
}

/** The session as it would be with other settings; nothing is stored. @throws SettingsError. */
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
 * Removes a session from the database. Label files and images are never touched.
 * @throws WorkflowError `session-busy` while an iteration of it runs, `busy-elsewhere` while one begins.
 */
export async function deleteSession(ports: Ports, id: number): Promise<void> {
  await whileIdle(ports, id, async () => {
    await dropPredictions(ports, id);
    await ports.store.sessions.delete(id);
  });
}

/** Rows that one call deletes: some hundredths of a second, in which other calls of the database wait. */
const deletedAtOnce = 5000;

/** Removes all predictions and vectors of a session, a little at a time. */
async function dropPredictions(ports: Pick<Ports, 'embeddings' | 'store'>, sessionId: number): Promise<void> {
  while ((await ports.store.predictions.prune(sessionId, deletedAtOnce, 'all')) > 0);
  await ports.embeddings.dropOthers(versionSpaces(sessionId), '');
}

/**
 * Marks a session as done; its best model stays exportable, and it can be opened again.
 * @throws WorkflowError `not-found`, `session-busy` while an iteration of it runs, `busy-elsewhere` while one begins,
 * `not-now` when it is closed already.
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
 * Opens a completed session again: it goes on where it stood, and what it was completed with stays its history.
 * @throws WorkflowError `not-found`, `not-now` when it is open.
 */
export async function reopenSession(ports: Pick<Ports, 'store'>, id: number): Promise<SessionRow> {
  const session = requireRow(await ports.store.sessions.get(id), 'session', id);
  if (!isClosed(session)) {
    throw new WorkflowError('not-now', `"${session.name}" is open.`, 'Train its next iteration, or complete it first.');
  }
  const begun = (await currentIteration(ports, id)) !== null;
  return ports.store.sessions.update(id, { status: begun ? 'active' : 'created', completedAt: null });
}

/** Whether a session is done: it still exports and can be opened again; all else needs it open. */
export function isClosed({ status }: Pick<SessionRow, 'status'>): boolean {
  return status === 'completed' || status === 'archived';
}

/**
 * Whoever works on the session, in whatever window and step, must not lose the rows that the work is stored in.
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

/** Looks first, to say who is at work, and looks again once no iteration can begin. */
async function whileIdle<T>(
  ports: Pick<Ports, 'store' | 'system' | 'trainer'>,
  id: number,
  work: () => Promise<T>,
): Promise<T> {
  await requireIdle(ports, id);
  return withSessionLease(ports, id, async () => {
    // A window that died meanwhile leaves the session, but its trainer goes on.
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

/** The settings of a stored session, without what the database adds. */
function settingsOf(session: SessionRow): Partial<SessionSettings> {
  const settings = Object.entries(session).filter(([field]) => field === 'typed' || isSettingName(field));
  return Object.fromEntries(settings) as Partial<SessionSettings>;
}
