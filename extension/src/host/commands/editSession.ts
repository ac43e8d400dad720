import * as vscode from 'vscode';
import { setPoolFolders } from '../../workflow/dataset/datasets.ts';
import { pluginMetrics } from '../../workflow/session/uncertaintyScore.ts';
import { editSessionOperation } from '../../workflow/operations/sessionOperations.ts';
import type { Host } from '../context.ts';
import { commandIds } from '../ids.ts';
import { findWeights } from '../session/datasetSearch.ts';
import { settingsSummary } from '../session/fields.ts';
import { editPoolFolders, poolFoldersRow } from '../session/poolFolders.ts';
import { editSettings, type SettingChanges } from '../session/settingsList.ts';
import { chosenSession, offer, type ChosenSession } from './targets.ts';
import { publishProblems } from './datasets.ts';
import type { CommandHandler } from './handler.ts';
import { withProgress } from '../ui/progress.ts';
import { showInformation, showWarning } from '../ui/window.ts';

/** What a person made of a session. */
interface Edit {
  readonly changes: SettingChanges;
  /** The pool folders of the dataset; null where they stay. */
  readonly poolFolders: readonly string[] | null;
}

/** Changes the settings of a session and the folders of its pool; iterations that are over keep theirs. */
export const editSessionCommand: CommandHandler = async (host, argument) => {
  const chosen = await chosenSession(host, argument);
  const { folder, session } = chosen;
  const edit = await askEdit(chosen);
  if (edit === null) return;
  const name = edit.changes.name ?? session.name;
  const settings = Object.keys(edit.changes).length > 0;
  const news = [vscode.l10n.t('"{0}" is saved. Changes count from the next iteration on.', name)];
  try {
    if (settings) await editSessionOperation.run(folder.ports, { session: session.id, settings: edit.changes }, {});
    if (edit.poolFolders !== null) news.push(await savePoolFolders(host, chosen, edit.poolFolders, settings, name));
  } finally {
    folder.changed();
  }
  void showInformation(news.join(' '));
};

/** @returns what became of the images. @throws what keeps the folders from being saved, once it is told what is saved. */
async function savePoolFolders(
  host: Host,
  { folder, session }: ChosenSession,
  poolFolders: readonly string[],
  settingsSaved: boolean,
  name: string,
): Promise<string> {
  const { ports } = folder;
  try {
    const report = await withProgress(vscode.l10n.t('Reading the dataset'), (task) =>
      setPoolFolders(ports, session.datasetId, poolFolders, task),
    );
    publishProblems(host, report.dataset.source, report.problems);
    return vscode.l10n.t(
      '{0} images are new, {1} are no longer in the pool; label files and history stay.',
      report.added,
      report.missing,
    );
  } catch (error) {
    // The folders are stored before their images are read, which may be stopped in between.
    const dataset = await ports.store.datasets.get(session.datasetId).catch(() => null);
    const stored = dataset !== null && sameList(dataset.source.poolFolders, poolFolders);
    if (stored) {
      void offer(
        vscode.l10n.t('"{0}" is saved, but not all images of its folders were read. A rescan reads the rest.', name),
        {
          title: vscode.l10n.t('Rescan Dataset'),
          command: commandIds.datasetRescan,
          argument: { folder, sessionId: session.id },
        },
      );
    } else if (settingsSaved) {
      void offer(vscode.l10n.t('The settings of "{0}" are saved, but its folders stay what they were.', name));
    }
    throw error;
  }
}

/** Asks until the person saves; null where nothing is to be saved. */
async function askEdit({ folder, session }: ChosenSession): Promise<Edit | null> {
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
      pluginMetrics: () => pluginMetrics(folder.ports),
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

/** Asks whoever leaves changes behind; undefined leads back to them. */
async function askToSave(name: string): Promise<'save' | 'discard' | undefined> {
  const save = vscode.l10n.t('Save');
  const discard = vscode.l10n.t("Don't Save");
  const answer = await showWarning(
    vscode.l10n.t('Save the changes to "{0}"?', name),
    { modal: true, detail: vscode.l10n.t('They are lost otherwise.') },
    save,
    discard,
  );
  return answer === save ? 'save' : answer === discard ? 'discard' : undefined;
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Only what is another value than before: what a person opened and left alone is not typed. */
function different(changes: SettingChanges, before: object): SettingChanges {
  const values = before as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(changes).filter(([field, value]) => JSON.stringify(values[field]) !== JSON.stringify(value)),
  );
}
