import * as vscode from 'vscode';
import { pluginMetrics } from '../../workflow/rankingMetric.ts';
import { editSession } from '../../workflow/sessions.ts';
import { findWeights } from '../session/datasetSearch.ts';
import { editSettings, type SettingChanges } from '../session/settingsList.ts';
import { settingsSummary } from '../session/fields.ts';
import { chosenSession } from './context.ts';
import type { CommandHandler } from './handler.ts';

/** Changes the settings of a session; iterations that are over keep theirs. */
export const editSessionCommand: CommandHandler = async (host, argument) => {
  const { folder, session } = await chosenSession(host, argument);
  const others = (await folder.engine.store.sessions.list()).filter(({ id }) => id !== session.id);
  const end = await editSettings(
    () => session,
    {},
    {
      title: vscode.l10n.t('Edit "{0}"', session.name),
      canGoBack: false,
      done: {
        label: vscode.l10n.t('Save'),
        detail: (settings) => settingsSummary(vscode.l10n, settings),
      },
      extras: [],
      weights: await findWeights(folder.folder),
      pluginMetrics: () => pluginMetrics(folder.engine),
      takenNames: others.map(({ name }) => name),
    },
  );
  const changes = different(end.changes, session);
  if (end.kind !== 'done' || Object.keys(changes).length === 0) return;
  await editSession(folder.engine, session.id, changes);
  folder.changed();
  void vscode.window.showInformationMessage(
    vscode.l10n.t('"{0}" is saved. Changes count from the next iteration on.', changes.name ?? session.name),
  );
};

/** Only what is another value than before: what a person opened and left alone is not typed. */
function different(changes: SettingChanges, before: object): SettingChanges {
  const values = before as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(changes).filter(([field, value]) => JSON.stringify(values[field]) !== JSON.stringify(value)),
  );
}
