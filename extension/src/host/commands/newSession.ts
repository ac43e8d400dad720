import * as vscode from 'vscode';
import type { DatasetSource } from '../../core/dataset/types.ts';
import { toErrorReport } from '../../core/errors.ts';
import { isSettingName } from '../../core/session/settingFields.ts';
import { defaultSettings, defaultWarmStart, validateSetting } from '../../core/session/settings.ts';
import { createSession, type CreatedSession } from '../../workflow/sessions.ts';
import type { Host } from '../host.ts';
import { commandIds } from '../ids.ts';
import { chooseDataset, choosePoolFolders } from '../session/chooseDataset.ts';
import { findWeights } from '../session/datasetSearch.ts';
import { settingsSummary } from '../session/fields.ts';
import { localFile } from '../session/knownModels.ts';
import { askText, back } from '../session/multiStep.ts';
import { freeName, nameFromPath } from '../session/names.ts';
import { editSettings, sentence, usableDefault, type SettingChanges } from '../session/settingsList.ts';
import { sessionDefaults } from '../settings.ts';
import { focusView } from './activity.ts';
import { Dismissed } from '../dismissed.ts';
import { chosenFolder } from './context.ts';
import { publishProblems, withProgress } from './datasets.ts';
import { sessionRows, takenMessage } from './sessions.ts';
import type { CommandHandler } from './handler.ts';

const totalSteps = 3;

/** What was answered so far. */
interface Draft {
  readonly source: DatasetSource;
  readonly name: string;
  readonly changes: SettingChanges;
}

/** Asks for a dataset, a name and the settings, and makes the session. Enter three times takes what is offered. */
export const newSession: CommandHandler = async (host) => {
  const folder = await chosenFolder();
  const title = vscode.l10n.t('New Training Session');
  const taken = (await sessionRows(host, folder)).map(({ name }) => name);
  const weights = await findWeights(folder);
  let draft = null as Draft | null;
  let step: 'dataset' | 'name' | 'settings' = 'dataset';
  for (;;) {
    if (step === 'dataset' || draft === null) {
      const source = await chooseDataset(folder, { title, step: 1, totalSteps });
      const name = freeName(nameFromPath(source.path), taken);
      draft = { source, name: draft?.name ?? name, changes: draft?.changes ?? startingChanges(folder, weights) };
      step = 'name';
      continue;
    }
    if (step === 'name') {
      const name = await askText({
        title,
        step: 2,
        totalSteps,
        canGoBack: true,
        value: draft.name,
        prompt: vscode.l10n.t('The name of the session'),
        validate: (typed) => {
          const problem = validateSetting('name', typed);
          return problem === null ? takenMessage(typed, taken) : sentence(problem);
        },
      });
      if (name === back) step = 'dataset';
      else {
        draft = { ...draft, name: name.trim() };
        step = 'settings';
      }
      continue;
    }
    const answered = await askSettings(title, folder, draft, weights, taken);
    draft = answered.draft;
    if (!answered.done) {
      step = 'name';
      continue;
    }
    const created = await create(host, folder, draft);
    if (created === null) {
      // What was answered is kept: the dataset may be wrong, the settings are not.
      step = 'dataset';
      continue;
    }
    await tellCreated(host, folder, created);
    return;
  }
};

/** What differs from the product's defaults before anybody answers: settings of VS Code, and weights that are here. */
function startingChanges(folder: vscode.WorkspaceFolder, weights: readonly string[]): SettingChanges {
  const changes: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(sessionDefaults(folder))) {
    if (!isSettingName(field)) continue;
    const usual = (defaultSettings as Readonly<Record<string, unknown>>)[field];
    const usable = usableDefault(field, value, usual);
    if (usable !== undefined) changes[field] = usable;
  }
  const wanted = typeof changes['baseModel'] === 'string' ? changes['baseModel'] : defaultSettings.baseModel;
  const here = localFile(wanted, weights);
  if (here !== undefined) changes['baseModel'] = here;
  return changes;
}

async function askSettings(
  title: string,
  folder: vscode.WorkspaceFolder,
  before: Draft,
  weights: readonly string[],
  taken: readonly string[],
): Promise<{ readonly done: boolean; readonly draft: Draft }> {
  let draft = before;
  let active: string | undefined;
  for (;;) {
    const pools = draft.source.poolFolders;
    const { name: drafted } = draft;
    const base = ({ baseModel }: SettingChanges) => ({
      ...defaultSettings,
      name: drafted,
      warmStart: defaultWarmStart(baseModel ?? defaultSettings.baseModel),
    });
    const end = await editSettings(base, draft.changes, {
      title,
      step: 3,
      totalSteps,
      canGoBack: true,
      done: {
        label: vscode.l10n.t('Create the session'),
        detail: (settings) => settingsSummary(vscode.l10n, settings),
      },
      extras: [
        {
          id: 'pools',
          label: vscode.l10n.t('Further folders of unlabelled images'),
          description: pools.length === 0 ? vscode.l10n.t('none') : pools.join(', '),
        },
      ],
      weights,
      takenNames: taken,
      active,
    });
    const name = end.changes.name ?? draft.name;
    draft = { ...draft, name, changes: end.changes };
    if (end.kind !== 'extra') return { done: end.kind === 'done', draft };
    active = end.id;
    try {
      const poolFolders = await choosePoolFolders(folder, pools);
      draft = { ...draft, source: { ...draft.source, poolFolders } };
    } catch (error) {
      if (!(error instanceof Dismissed)) throw error;
    }
  }
}

/** Makes the session; a failure is shown, and null returned. */
async function create(host: Host, folder: vscode.WorkspaceFolder, draft: Draft): Promise<CreatedSession | null> {
  try {
    const live = await host.folders.open(folder, true);
    if (live === null) return null;
    const created = await withProgress(vscode.l10n.t('Reading the dataset'), (task) =>
      createSession(live.engine, draft.source, { ...draft.changes, name: draft.name }, task),
    );
    live.changed();
    return created;
  } catch (error) {
    if (toErrorReport(error).code === 'cancelled') throw error;
    void host.errors.show(error, 'Creating a session');
    return null;
  }
}

async function tellCreated(
  host: Host,
  folder: vscode.WorkspaceFolder,
  { session, scan }: CreatedSession,
): Promise<void> {
  const live = await host.folders.open(folder, false);
  if (live === null) return;
  const errors = scan.problems.filter(({ severity }) => severity === 'error').length;
  if (scan.problems.length > 0) publishProblems(host, scan.dataset.source, scan.problems);
  await focusView();
  const count = (state: 'labelled' | 'unlabelled'): Promise<number> =>
    live.engine.store.images.count({ datasetId: session.datasetId, states: [state] });
  const train = vscode.l10n.t('Train');
  const problems = vscode.l10n.t('Show Problems');
  const text = vscode.l10n.t(
    'Session "{0}" is ready: {1} images are labelled, {2} are not.',
    session.name,
    await count('labelled'),
    await count('unlabelled'),
  );
  const chosen =
    errors > 0
      ? await vscode.window.showWarningMessage(
          `${text} ${vscode.l10n.t('The dataset has {0} errors.', errors)}`,
          train,
          problems,
        )
      : await vscode.window.showInformationMessage(text, train);
  if (chosen === train) {
    await vscode.commands.executeCommand(commandIds.iterationRun, { folder: live, sessionId: session.id });
  }
  if (chosen === problems) await vscode.commands.executeCommand('workbench.actions.view.problems');
}
