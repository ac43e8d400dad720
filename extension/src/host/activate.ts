import * as vscode from 'vscode';
import { registerCommands } from './commands/register.ts';
import type { HostContext } from './context.ts';
import { PythonEnvironment } from './environment/environment.ts';
import { removeInterruptedSetUp } from './environment/interruptedSetUp.ts';
import { offerUpdate } from './environment/offerUpdate.ts';
import { settingKeys, settingsSection } from './ids.ts';
import { LazyPanels } from './panels/lazyPanels.ts';
import { IterationRunner } from './running/runner.ts';
import { StatusItem } from './running/statusItem.ts';
import { Takeover } from './running/takeover.ts';
import { setStorageMemory } from './settings.ts';
import { registerRunOutput } from './tasks/runOutput.ts';
import { TrainingProblems } from './tasks/trainingProblems.ts';
import { createTrainingTasks } from './tasks/trainingTasks.ts';
import { SessionTree } from './trees/sessionTree.ts';
import { DownloadConsent } from './trust/downloadConsent.ts';
import { ErrorPresenter } from './ui/errorPresenter.ts';
import { followWalkthrough } from './ui/walkthrough.ts';
import { FolderRegistry } from './workspace/folderRegistry.ts';
import { NewImageWatch } from './workspace/newImageWatch.ts';

/** Closes databases and stops timers before the window closes. */
let close: () => Promise<void> = async () => {};

/** Registers everything and defers slow work. */
export function activate(extension: vscode.ExtensionContext): void {
  const start = performance.now();
  const log = vscode.window.createOutputChannel('Active Learning', { log: true });
  extension.subscriptions.push(log);
  const host = createHost(extension, log);
  log.info(`Activated in ${Math.round(performance.now() - start)} ms.`);
  setImmediate(() => void runDeferredStartup(host));
}

/** Closes the databases. A running training continues. */
export async function deactivate(): Promise<void> {
  await close();
}

function createHost(extension: vscode.ExtensionContext, log: vscode.LogOutputChannel): HostContext {
  const own = <T extends vscode.Disposable>(part: T): T => {
    extension.subscriptions.push(part);
    return part;
  };
  setStorageMemory(extension.globalState);
  own(followWalkthrough(extension.globalState));
  const errors = new ErrorPresenter(log);
  const downloads = new DownloadConsent(extension.globalState);
  const environment = own(new PythonEnvironment(extension, log));
  // Registers the task provider before VS Code needs it: it re-attaches trainings early after a reload.
  const tasks = own(createTrainingTasks(extension, log));
  const folderSupport = {
    log,
    python: (folder: vscode.WorkspaceFolder) => environment.remembered(folder),
    mayDownload: (folder: vscode.WorkspaceFolder, weights: string) => downloads.isGiven(folder, weights),
    launcher: (folder: vscode.WorkspaceFolder) => tasks.launcherFor(folder),
  };
  const folders = new FolderRegistry(folderSupport, extension.workspaceState);
  const problems = own(new TrainingProblems());
  const runner = own(new IterationRunner({ log, errors, environment, downloads, problems }));
  const takeover = own(new Takeover(folders, runner, log));
  close = async () => {
    // The runner first: losing its database must not count as a failed iteration.
    takeover.dispose();
    runner.dispose();
    await folders.close();
  };
  const host: HostContext = {
    extension,
    log,
    errors,
    downloads,
    environment,
    tasks,
    folders,
    runner,
    takeover,
    panels: own(new LazyPanels({ extension, log, folders, runner })),
    diagnostics: own(vscode.languages.createDiagnosticCollection('activeLearning')),
    viewRefresh: own(new vscode.EventEmitter<void>()),
  };
  own(new SessionTree(host));
  own(registerCommands(host));
  own(registerRunOutput(folders));
  own(new StatusItem(host));
  own(new NewImageWatch(folders, runner, log));
  own(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${settingsSection}.${settingKeys.storageFolder}`)) void folders.followSettings();
    }),
  );
  return host;
}

/** Runs after the window is ready. A step that fails does not stop the others. */
async function runDeferredStartup({
  panels,
  takeover,
  errors,
  environment,
  extension,
  log,
}: HostContext): Promise<void> {
  const steps: readonly [string, () => Promise<unknown>][] = [
    ['Loading the panels', () => panels.load()],
    ['Resuming interrupted iterations', () => takeover.start()],
    ['Following the Python extension', () => environment.followChoice()],
    ['Removing an interrupted setup', () => removeInterruptedSetUp(environment, log)],
    ['Checking the training environment', () => offerUpdate(environment, extension.globalState)],
  ];
  for (const [doing, run] of steps) await run().catch((error: unknown) => void errors.show(error, doing));
}
