import * as vscode from 'vscode';
import { registerCommands } from './commands/register.ts';
import { registerRunOutput } from './commands/runOutput.ts';
import { DownloadConsent } from './trust/downloadConsent.ts';
import { PythonEnvironment } from './environment/environment.ts';
import { removeInterruptedSetUp } from './environment/interruptedSetUp.ts';
import { offerUpdate } from './environment/offerUpdate.ts';
import { ErrorPresenter } from './ui/errorPresenter.ts';
import { WorkspaceFolders } from './workspace/folderRegistry.ts';
import type { Host } from './context.ts';
import { ImageWatch } from './workspace/newImageWatch.ts';
import { settingKeys, settingsSection } from './ids.ts';
import { createLazyPanels, type LazyPanels } from './panels/lazyPanels.ts';
import { IterationRunner } from './running/runner.ts';
import { StatusItem } from './running/statusItem.ts';
import { Takeover } from './running/takeover.ts';
import { TrainingProblems } from './tasks/trainingProblems.ts';
import { keepPlacesIn } from './settings.ts';
import { createTrainingTasks } from './tasks/trainingTasks.ts';
import { SessionTree } from './trees/sessionTree.ts';
import { followWalkthrough } from './ui/walkthrough.ts';

/** Ends what must end before the window is gone. */
let close: () => Promise<void> = async () => {};

/** Registers everything at once and leaves slow work for later. One part that fails does not take the others along. */
export function activate(context: vscode.ExtensionContext): void {
  const begin = performance.now();
  const log = vscode.window.createOutputChannel('Active Learning', { log: true });
  context.subscriptions.push(log);
  const host = assemble(context, log);
  log.info(`Activated in ${Math.round(performance.now() - begin)} ms.`);
  setImmediate(() => void begun(host));
}

/** Closes the databases; a training goes on by itself. */
export async function deactivate(): Promise<void> {
  await close();
}

function assemble(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Host & { panels: LazyPanels } {
  const own = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  keepPlacesIn(context.globalState);
  own(followWalkthrough(context.globalState));
  const errors = new ErrorPresenter(log);
  const downloads = new DownloadConsent(context.globalState);
  const environment = own(new PythonEnvironment(context, log));
  // The task provider is there before VS Code asks for it: it re-attaches trainings early after a reload.
  const tasks = own(createTrainingTasks(context, log));
  const support = {
    log,
    python: (folder: vscode.WorkspaceFolder) => environment.remembered(folder),
    mayDownload: (folder: vscode.WorkspaceFolder, weights: string) => downloads.isGiven(folder, weights),
    launcher: (folder: vscode.WorkspaceFolder) => tasks.launcherFor(folder),
  };
  const folders = new WorkspaceFolders(support, context.workspaceState);
  const takeover = own(new Takeover(folders, log));
  const problems = own(new TrainingProblems());
  const runner = own(new IterationRunner({ log, errors, environment, downloads, problems }, takeover));
  close = async () => {
    // The runner first: that its database goes away is no failure of the iteration.
    takeover.dispose();
    runner.dispose();
    await folders.close();
  };
  const shared = {
    context,
    log,
    errors,
    downloads,
    environment,
    tasks,
    folders,
    runner,
    takeover,
    diagnostics: own(vscode.languages.createDiagnosticCollection('activeLearning')),
  };
  const panels = own(createLazyPanels(shared));
  const host = { ...shared, panels, tree: own(new SessionTree({ ...shared, panels })) };
  own(registerCommands(host));
  own(registerRunOutput(folders));
  own(new StatusItem(host));
  own(new ImageWatch(folders, runner, log));
  own(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${settingsSection}.${settingKeys.storageFolder}`)) void folders.followSettings();
    }),
  );
  return host;
}

/** What may take its time: it begins after the window is there. */
async function begun({
  panels,
  runner,
  errors,
  environment,
  context,
  log,
}: Host & { panels: LazyPanels }): Promise<void> {
  const parts: readonly [string, () => Promise<unknown>][] = [
    ['Loading the panels', () => panels.load()],
    ['Taking up what was interrupted', () => runner.resumeInterrupted()],
    ['Following the Python extension', () => environment.followChoice()],
    ['Removing what an interrupted set-up left', () => removeInterruptedSetUp(environment, log)],
    ['Looking at the training environment', () => offerUpdate(environment, context.globalState)],
  ];
  for (const [doing, begin] of parts) await begin().catch((error: unknown) => void errors.show(error, doing));
}
