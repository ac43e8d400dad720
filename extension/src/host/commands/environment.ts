import * as vscode from 'vscode';
import type { CommandHandler, HostContext } from '../context.ts';
import { updateAction } from '../environment/offerUpdate.ts';
import { versionDifferences } from '../environment/pins.ts';
import { setUpEnvironment } from '../environment/setUp.ts';
import { commandIds, settingKeys, settingsSection } from '../ids.ts';
import { configuredPython } from '../settings.ts';
import { pickFolder, showWithActions } from './targets.ts';
import { showInformation, showList, showProgress } from '../ui/window.ts';

/** The progress of this window's setup; null if none runs. */
let setUpStage: 'checking' | 'installing' | null = null;

export const setUpEnvironmentCommand: CommandHandler = async (host) => {
  if (!vscode.workspace.isTrusted) await pickFolder();
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (host.runner.current !== null) {
    await showWithActions(vscode.l10n.t('You cannot change the environment while a training is running.'), {
      title: vscode.l10n.t('Show Progress'),
      command: commandIds.activityShow,
    });
    return;
  }
  if (setUpStage !== null) {
    const message =
      setUpStage === 'checking'
        ? vscode.l10n.t('The setup is still checking the Python on this machine. It asks before it installs anything.')
        : vscode.l10n.t('The training environment is already being set up.');
    await showWithActions(message, {
      title: vscode.l10n.t('Show Log'),
      command: commandIds.logShow,
    });
    return;
  }
  setUpStage = 'checking';
  try {
    const isMade = await setUpEnvironment(host.environment, folder, host.log, () => (setUpStage = 'installing'));
    if (!isMade) return;
  } finally {
    setUpStage = null;
  }
  await host.environment.forget();
  if (folder === undefined) {
    void showInformation(vscode.l10n.t('The training environment is ready.'));
    return;
  }
  if (configuredPython(folder) !== undefined) await offerToDropSetting(folder);
  await report(host, folder);
};

/** A Python in the settings takes precedence over the new environment; offers to remove the setting. */
async function offerToDropSetting(folder: vscode.WorkspaceFolder): Promise<void> {
  const use = vscode.l10n.t('Use the New Environment');
  const answer = await showInformation(
    vscode.l10n.t(
      'The setting activeLearning.python.path points to a different Python. Use the new environment instead?',
    ),
    use,
    vscode.l10n.t('Keep the Setting'),
  );
  if (answer !== use) return;
  const configuration = vscode.workspace.getConfiguration(settingsSection, folder);
  const found = configuration.inspect(settingKeys.pythonPath);
  const targets: [unknown, vscode.ConfigurationTarget][] = [
    [found?.globalValue, vscode.ConfigurationTarget.Global],
    [found?.workspaceValue, vscode.ConfigurationTarget.Workspace],
    [found?.workspaceFolderValue, vscode.ConfigurationTarget.WorkspaceFolder],
  ];
  for (const [value, target] of targets) {
    if (value !== undefined) await configuration.update(settingKeys.pythonPath, undefined, target);
  }
}

export const selectPython: CommandHandler = async (host) => {
  const folder = await pickFolder();
  const browse = vscode.l10n.t('Browse…');
  const automatic = vscode.l10n.t('Find Automatically');
  const setUp = vscode.l10n.t('Set Up New Environment…');
  const found = await host.environment.found(folder);
  const picked = await showList(
    [
      {
        label: automatic,
        detail: vscode.l10n.t(
          'Searches the environment set up by this extension, the Python extension, .venv and the PATH',
        ),
      },
      ...found.map((python) => ({ label: python, icon: 'terminal' })),
      {
        label: browse,
        detail: vscode.l10n.t('Select the Python interpreter of an environment that has PyTorch and Ultralytics'),
      },
      { label: setUp, detail: vscode.l10n.t('Install the required packages in a separate virtual environment') },
    ],
    { title: vscode.l10n.t('Select Python for Training'), placeHolder: configuredPython(folder) ?? automatic },
  );
  if (picked === undefined) return;
  if (picked.label === setUp) {
    await vscode.commands.executeCommand(commandIds.environmentSetUp);
    return;
  }
  let path = found.find((python) => python === picked.label);
  if (picked.label === browse) {
    const [file] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Select Python for Training'),
        openLabel: vscode.l10n.t('Select'),
      })) ?? [];
    if (file === undefined) return;
    path = file.fsPath;
  }
  const target =
    vscode.workspace.workspaceFile === undefined
      ? vscode.ConfigurationTarget.Workspace
      : vscode.ConfigurationTarget.WorkspaceFolder;
  await vscode.workspace.getConfiguration(settingsSection, folder).update(settingKeys.pythonPath, path, target);
  await report(host, folder);
};

export const checkEnvironmentCommand: CommandHandler = async (host) => {
  await report(host, await pickFolder());
};

async function report(host: HostContext, folder: vscode.WorkspaceFolder): Promise<void> {
  const environment = await showProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Checking the training environment') },
    () => host.environment.check(folder),
  );
  const live = await host.folders.open(folder, false);
  if (live !== null && host.runner.activityIn({ folder: live }) === null) {
    await live.usePython(environment.python);
  }
  const { packages } = environment;
  const ready = vscode.l10n.t(
    'Training is ready with {0}: Python {1}, PyTorch {2}, Ultralytics {3}; devices: {4}.',
    environment.python,
    environment.pythonVersion,
    packages['torch'] ?? '?',
    packages['ultralytics'] ?? '?',
    environment.devices.join(', '),
  );
  const others = versionDifferences(new Map(Object.entries(packages)), host.environment.pins);
  if (others.length === 0) void showInformation(ready);
  else
    void showWithActions(
      `${ready} ${vscode.l10n.t('These versions differ from the tested ones: {0}.', others.join(', '))}`,
      updateAction(),
    );
}
