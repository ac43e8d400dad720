import * as vscode from 'vscode';
import { createUserRecord } from '../../adapters/userRecord/createUserRecord.ts';
import type { DatasetSource } from '../../core/dataset/types.ts';
import { toErrorReport } from '../../core/errors.ts';
import { sessionSettings } from '../../core/session/sessionSettings.ts';
import { defaultSettings, isSettingName, readValue, withDefaults } from '../../core/session/settings.ts';
import { sourceInput } from '../../workflow/operations/fields.ts';
import { createSessionOperation, sessionStatusOperation } from '../../workflow/operations/sessionOperations.ts';
import type { CreatedSession } from '../../workflow/session/sessions.ts';
import type { CommandHandler, HostContext } from '../context.ts';
import { nameProblem } from '../session/askSetting.ts';
import { chooseDataset, type KnownDataset } from '../session/chooseDataset.ts';
import { findWeights } from '../session/datasetSearch.ts';
import { settingsSummary } from '../session/fields.ts';
import { localFile } from '../session/knownModels.ts';
import { askText, back } from '../session/multiStep.ts';
import { freeName, nameFromPath } from '../session/names.ts';
import { editPoolFolders, poolFoldersRow } from '../session/poolFolders.ts';
import { editSettings, type SettingChanges } from '../session/settingsList.ts';
import { sessionDefaults } from '../settings.ts';
import { requireWritableStorage } from '../workspace/storageLocation.ts';
import { imageCountsText } from '../text/imageCountsText.ts';
import { focusView } from './activity.ts';
import { UserCancelled } from '../ui/window.ts';
import { pickFolder, requireTrustedStorage, suggestedActions, type SuggestedAction } from './targets.ts';
import { publishProblems } from './datasets.ts';
import { sessionRows } from './sessions.ts';
import { withProgress } from '../ui/progress.ts';
import { showInformation, showWarning } from '../ui/window.ts';
import { completeStep } from '../ui/walkthrough.ts';

const totalSteps = 3;

/** The answers so far. */
interface Draft {
  /** Without pool folders, which stay when the user selects another dataset. */
  readonly source: DatasetSource;
  readonly poolFolders: readonly string[];
  readonly name: string;
  /** The name that was offered for this dataset. */
  readonly offeredName: string;
  /** Of settings other than the name. */
  readonly changes: Omit<SettingChanges, 'name'>;
}

/** What the workspace holds when the questions begin. */
interface Surroundings {
  readonly title: string;
  readonly folder: vscode.WorkspaceFolder;
  readonly log: vscode.LogOutputChannel;
  readonly known: readonly KnownDataset[];
  readonly taken: readonly string[];
  /** Looked for while the first question is asked. */
  readonly weights: Promise<readonly string[]>;
}

/** Asks for a dataset, a name and the settings, and makes the session. Enter three times takes what is offered. */
export const newSession: CommandHandler = async (host) => {
  const folder = await pickFolder();
  if (await requireWritableStorage(folder, host.extension.globalStorageUri)) await host.folders.followSettings();
  await requireTrustedStorage(host, folder);
  const surroundings: Surroundings = {
    title: vscode.l10n.t('New Training Session'),
    folder,
    log: host.log,
    known: (await (await host.folders.open(folder, false))?.ports.store.datasets.list()) ?? [],
    taken: (await sessionRows(host, folder)).map(({ name }) => name),
    weights: findWeights(folder),
  };
  let draft = null as Draft | null;
  let step: 'dataset' | 'name' | 'settings' = 'dataset';
  for (;;) {
    if (step === 'dataset' || draft === null) {
      draft = await askDataset(surroundings, draft);
      step = 'name';
      continue;
    }
    if (step === 'name') {
      const name = await askName(surroundings, draft);
      if (name !== back) draft = { ...draft, name };
      step = name === back ? 'dataset' : 'settings';
      continue;
    }
    const answered = await askSettings(surroundings, draft);
    draft = answered.draft;
    if (!answered.done) {
      step = 'name';
      continue;
    }
    const created = await create(host, folder, draft);
    if (created === null) {
      // Keeps the answers: the dataset may be wrong, but the settings are not.
      step = 'dataset';
      continue;
    }
    await showSessionCreated(host, folder, created);
    return;
  }
};

async function askDataset(surroundings: Surroundings, before: Draft | null): Promise<Draft> {
  const { title, folder, log, known, taken, weights } = surroundings;
  const source = await chooseDataset(folder, log, { title, step: 1, totalSteps, known, before: before?.source });
  const offeredName = freeName(nameFromPath(source.path), taken);
  if (before === null) {
    const changes = await startingChanges(folder, await weights);
    return { source, poolFolders: [], name: offeredName, offeredName, changes };
  }
  // A suggested name follows the dataset; a typed one stays.
  const name = before.name === before.offeredName ? offeredName : before.name;
  return { ...before, source, name, offeredName };
}

async function askName({ title, taken }: Surroundings, draft: Draft): Promise<string | typeof back> {
  const name = await askText({
    title,
    step: 2,
    totalSteps,
    canGoBack: true,
    value: draft.name,
    prompt: vscode.l10n.t('The name of the session'),
    validate: (typed) => nameProblem(typed, taken),
  });
  return name === back ? back : name.trim();
}

/** The initial changes to the product's defaults: settings of VS Code, and weights in the workspace. */
async function startingChanges(folder: vscode.WorkspaceFolder, weights: readonly string[]): Promise<SettingChanges> {
  const changes: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(sessionDefaults(folder))) {
    if (!isSettingName(field)) continue;
    const setting = sessionSettings[field];
    if (value === undefined || value === setting.default) continue;
    const read = readValue(setting, value);
    if (read.ok) changes[field] = read.value;
  }
  const wanted = typeof changes['baseModel'] === 'string' ? changes['baseModel'] : defaultSettings.baseModel;
  const here = localFile(wanted, weights);
  // A file with that name may have come with the folder, so it is used only if the user chose its content before.
  if (here !== undefined && (await isKnownFile(here))) changes['baseModel'] = here;
  return changes;
}

/** Whether the user chose the content of this file before. */
async function isKnownFile(path: string): Promise<boolean> {
  return createUserRecord().files.isKnown(path);
}

/** @throws UserCancelled */
async function askSettings(
  { title, folder, known, taken, weights }: Surroundings,
  before: Draft,
): Promise<{ readonly done: boolean; readonly draft: Draft }> {
  let draft = before;
  let active: string | undefined;
  const fixed = known.find(({ source }) => source.path === draft.source.path)?.source.poolFolders ?? [];
  for (;;) {
    const { name: drafted, poolFolders } = draft;
    const base = (changes: SettingChanges) => withDefaults({ name: drafted, ...changes });
    const end = await editSettings(base, draft.changes, {
      title,
      step: 3,
      totalSteps,
      canGoBack: true,
      done: {
        label: vscode.l10n.t('Create session'),
        detail: (settings) => settingsSummary(vscode.l10n, settings),
      },
      extras: [poolFoldersRow([...new Set([...fixed, ...poolFolders])])],
      weights,
      takenNames: taken,
      active,
    });
    // The name is stored once: this list and the previous step edit the same value.
    const { name = drafted, ...changes } = end.changes;
    draft = { ...draft, name, changes };
    if (end.kind === 'left') throw new UserCancelled();
    if (end.kind !== 'extra') return { done: end.kind === 'done', draft };
    active = end.id;
    const place = { title: `${title}: ${vscode.l10n.t('Folders')}`, step: 3, totalSteps };
    draft = { ...draft, poolFolders: await editPoolFolders(folder, poolFolders, place, fixed) };
  }
}

/** Creates the session. Shows a failure and returns null. */
async function create(host: HostContext, folder: vscode.WorkspaceFolder, draft: Draft): Promise<CreatedSession | null> {
  try {
    const live = await host.folders.open(folder, true);
    if (live === null) return null;
    const { source } = draft;
    const input = {
      ...sourceInput({ ...source, poolFolders: draft.poolFolders }),
      settings: { ...draft.changes, name: draft.name },
    };
    const created = await withProgress(vscode.l10n.t('Reading the dataset'), (task) =>
      createSessionOperation.run(live.ports, input, task),
    );
    live.changed();
    completeStep('session');
    return created;
  } catch (error) {
    if (toErrorReport(error).code === 'cancelled') throw error;
    void host.errors.show(error, 'Creating a session');
    return null;
  }
}

async function showSessionCreated(
  host: HostContext,
  folder: vscode.WorkspaceFolder,
  { session, scan }: CreatedSession,
): Promise<void> {
  const live = await host.folders.open(folder, false);
  if (live === null) return;
  const errors = scan.problems.filter(({ severity }) => severity === 'error').length;
  if (scan.problems.length > 0) publishProblems(host, scan.dataset.source, scan.problems);
  await focusView();
  const view = await sessionStatusOperation.run(live.ports, { session: session.id }, {});
  const ways = suggestedActions({ folder: live, sessionId: session.id }, view);
  const problems: SuggestedAction = {
    title: vscode.l10n.t('Show Problems'),
    command: 'workbench.actions.view.problems',
  };
  const text = vscode.l10n.t(
    'Created session "{0}". Images: {1}.',
    session.name,
    imageCountsText(vscode.l10n, { labelled: view.labelled, unlabelled: view.images.unlabelled }),
  );
  const chosen =
    errors > 0
      ? await showWarning(`${text} ${vscode.l10n.t('The dataset has {0} errors.', errors)}`, ...ways, problems)
      : await showInformation(text, ...ways);
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command, chosen.argument);
}
