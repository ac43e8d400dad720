import * as vscode from 'vscode';
import { pluginScores } from '../../workflow/session/uncertaintyScore.ts';
import { setPoolFoldersOperation } from '../../workflow/operations/datasetOperations.ts';
import { editSessionOperation } from '../../workflow/operations/sessionOperations.ts';
import type { CommandHandler, HostContext } from '../context.ts';
import { commandIds } from '../ids.ts';
import { findWeights } from '../session/datasetSearch.ts';
import { settingsSummary } from '../session/fields.ts';
import { editPoolFolders, poolFoldersRow } from '../session/poolFolders.ts';
import { editSettings, type SettingChanges } from '../session/settingsList.ts';
import { pickWritableSession, showWithActions, type SessionTarget } from './targets.ts';
import { publishProblems } from './datasets.ts';
import { withProgress } from '../ui/progress.ts';
import { showInformation, showWarning } from '../ui/window.ts';

/** The changes that the user made to a session. */
interface Edit {
  readonly changes: SettingChanges;
  /** The new pool folders of the dataset; null if unchanged. */
  readonly poolFolders: readonly string[] | null;
}

/** Changes the settings and pool folders of a session. Finished iterations keep theirs. */
export const editSessionCommand: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument);
  const { folder, session } = chosen;
  const edit = await askEdit(chosen);
  if (edit === null) return;
  const name = edit.changes.name ?? session.name;
  const settings = Object.keys(edit.changes).length > 0;
  const news = [vscode.l10n.t('Saved "{0}". The changes apply from the next iteration.', name)];
  try {
    if (settings) await editSessionOperation.run(folder.ports, { session: session.id, settings: edit.changes }, {});
    if (edit.poolFolders !== null) news.push(await savePoolFolders(host, chosen, edit.poolFolders, settings, name));
  } finally {
    folder.changed();
  }
  void showInformation(news.join(' '));
};

/** @returns a summary of the new images. @throws the failure, after it has shown what was saved anyway. */
async function savePoolFolders(
  host: HostContext,
  { folder, session }: SessionTarget,
  poolFolders: readonly string[],
  settingsSaved: boolean,
  name: string,
): Promise<string> {
  const { ports } = folder;
  try {
    const report = await withProgress(vscode.l10n.t('Reading the dataset'), (task) =>
      setPoolFoldersOperation.run(ports, { session: session.id, pool: poolFolders }, task),
    );
    publishProblems(host, report.dataset.source, report.problems);
    return vscode.l10n.t(
      'New images: {0}. Removed from the pool: {1}. Label files and history are kept.',
      report.added,
      report.missing,
    );
  } catch (error) {
    // The folders are stored before their images are read, and the user may cancel in between.
    const dataset = await ports.store.datasets.get(session.datasetId).catch(() => null);
    const stored = dataset !== null && sameList(dataset.source.poolFolders, poolFolders);
    if (stored) {
      void showWithActions(
        vscode.l10n.t(
          'Saved "{0}", but could not read all images in its folders. Rescan the dataset to read the rest.',
          name,
        ),
        {
          title: vscode.l10n.t('Rescan Dataset'),
          command: commandIds.datasetRescan,
          argument: { folder, sessionId: session.id },
        },
      );
    } else if (settingsSaved) {
      void showWithActions(vscode.l10n.t('Saved the settings of "{0}", but its folders were not changed.', name));
    }
    throw error;
  }
}

/** Asks until the user saves; null if there is nothing to save. */
async function askEdit({ folder, session }: SessionTarget): Promise<Edit | null> {
  const title = vscode.l10n.t('Edit "{0}"', session.name);
  const { store } = folder.ports;
  const others = (await store.sessions.list()).filter(({ id }) => id !== session.id);
  const before = (await store.datasets.get(session.datasetId))?.source.poolFolders ?? [];
  const weights = findWeights(folder.folder);
  let typed: SettingChanges = {};
  let folders = before;
  let active: string | undefined;
  for (;;) {
    const end = await editSettings(() => session, typed, {
      title,
      canGoBack: false,
      done: {
        label: vscode.l10n.t('Save'),
        detail: (settings) => settingsSummary(vscode.l10n, settings),
      },
      extras: [poolFoldersRow(folders)],
      weights,
      pluginScores: () => pluginScores(folder.ports),
      takenNames: others.map(({ name }) => name),
      active,
    });
    typed = end.changes;
    if (end.kind === 'extra') {
      active = end.id;
      folders = await editPoolFolders(folder.folder, folders, { title: `${title}: ${vscode.l10n.t('Folders')}` });
      continue;
    }
    const changes = different(typed, session);
    const sameFolders = sameList(folders, before);
    if (Object.keys(changes).length === 0 && sameFolders) return null;
    const answer = end.kind === 'done' ? 'save' : await askToSave(session.name);
    if (answer === 'discard') return null;
    if (answer === 'save') return { changes, poolFolders: sameFolders ? null : folders };
  }
}

/** Asks what to do with unsaved changes; undefined returns to editing. */
async function askToSave(name: string): Promise<'save' | 'discard' | undefined> {
  const save = vscode.l10n.t('Save');
  const discard = vscode.l10n.t("Don't Save");
  const answer = await showWarning(
    vscode.l10n.t('Do you want to save the changes to "{0}"?', name),
    { modal: true, detail: vscode.l10n.t("Your changes will be lost if you don't save them.") },
    save,
    discard,
  );
  return answer === save ? 'save' : answer === discard ? 'discard' : undefined;
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Only values that differ: a setting that the user opened but did not change stays a default. */
function different(changes: SettingChanges, before: object): SettingChanges {
  const values = before as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(changes).filter(([field, value]) => JSON.stringify(values[field]) !== JSON.stringify(value)),
  );
}
