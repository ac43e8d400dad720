import * as vscode from 'vscode';
import type { LaunchCommand, LaunchedProcess, Launcher } from '../../adapters/training/launcher.ts';
import { TrainingError } from '../../core/session/errors.ts';
import { LaunchMemory } from './launchMemory.ts';
import { RunningTasks, type RunningTask } from './runningTasks.ts';
import { runIdOf, trainDefinition, trainProblemMatcher, trainTaskType } from './trainDefinition.ts';

/** Trainings as terminal tasks. They survive a reload of the window, which re-attaches them to the same process. */
export interface TrainingTasks extends vscode.Disposable {
  /** Starts the trainers of a workspace folder, one at a time. */
  launcherFor(folder: vscode.WorkspaceFolder): Launcher;
  /** The ids of the runs whose terminals are attached to this window. */
  attached(): readonly string[];
  /** A training was attached, by a start or after a reload, or it ended. */
  readonly onDidChange: vscode.Event<void>;
}

/** Registers the task provider and follows the tasks of this window. Call it during activation: VS Code needs it early. */
export function createTrainingTasks(
  context: Pick<vscode.ExtensionContext, 'workspaceState'>,
  log: vscode.LogOutputChannel,
): TrainingTasks {
  const memory = new LaunchMemory(context.workspaceState);
  const running = new RunningTasks();
  const changed = new vscode.EventEmitter<void>();
  /** A run may resume before VS Code reports the end of its last task. */
  const over = new WeakSet<vscode.TaskExecution>();

  const attach = (execution: vscode.TaskExecution): string | null => {
    const run = runIdOf(execution.task.definition);
    if (run !== null) running.add(run, memory.recall(run)?.folder ?? folderOf(execution.task));
    return run;
  };
  const forget = (run: string): void => {
    running.remove(run);
    changed.fire();
  };
  const end = (execution: vscode.TaskExecution, tell: (task: RunningTask) => void): void => {
    const run = runIdOf(execution.task.definition);
    if (run === null || over.has(execution)) return;
    over.add(execution);
    const task = running.get(run);
    if (task) tell(task);
    forget(run);
  };
  for (const execution of vscode.tasks.taskExecutions) attach(execution);
  const subscriptions = [
    changed,
    vscode.tasks.registerTaskProvider(trainTaskType, {
      // The commands of a session start trainings, since a run needs a prepared folder.
      provideTasks: () => [],
      resolveTask: async (task) => {
        const run = runIdOf(task.definition);
        const known = run === null ? null : memory.recall(run);
        const { isTrainingAlive } = await import('./deferred.ts');
        if (known === null || !(await isTrainingAlive(known.command))) {
          log.info(`The training task ${run ?? '(without a run)'} is over and is not attached again.`);
          return undefined;
        }
        // VS Code requires the same definition object.
        return trainTask(known.command, folderByUri(known.folder), task.definition);
      },
    }),
    vscode.tasks.onDidStartTaskProcess(({ execution, processId }) => {
      const run = attach(execution);
      if (run === null) return;
      log.info(`Training ${run} works in process ${processId}.`);
      running.get(run)?.onProcess(processId);
      changed.fire();
    }),
    vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) =>
      end(execution, (task) => {
        log.info(`The process of training ${task.runId} ended with code ${exitCode ?? 'unknown'}.`);
        task.onProcessEnd(exitCode);
      }),
    ),
    vscode.tasks.onDidEndTask(({ execution }) => end(execution, (task) => task.onTaskEnd())),
  ];

  async function launch(folder: vscode.WorkspaceFolder, command: LaunchCommand): Promise<LaunchedProcess> {
    const uri = folder.uri.toString();
    const other = running.inFolder(uri);
    if (other && other.runId !== command.runId) {
      const known = memory.recall(other.runId);
      const { hasTrainingEnded } = await import('./deferred.ts');
      if (known === null || !(await hasTrainingEnded(known.command))) {
        throw new TrainingError(
          'trainer-busy',
          `Training ${other.runId} still works in the terminal of this workspace.`,
          'Wait for it, or stop it, and then train again.',
        );
      }
      // VS Code reports the end some time after the process has ended.
      forget(other.runId);
    }
    closeTerminals(memory.runsIn(uri).filter((run) => run !== command.runId && running.get(run) === null));
    // Remembered before the start: a reload right after it must find the run.
    await memory.remember(command, uri);
    const task = running.add(command.runId, uri);
    try {
      await vscode.tasks.executeTask(trainTask(command, folder, trainDefinition(command.runId)));
    } catch (cause) {
      forget(command.runId);
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new TrainingError(
        'trainer-not-started',
        `VS Code did not start the training task: ${message}`,
        'Trust the workspace and check that terminals can be opened, then train again.',
        { cause },
      );
    }
    return { pid: await task.started, exited: task.exited };
  }

  return {
    launcherFor: (folder) => ({ launch: (command) => launch(folder, command) }),
    attached: () =>
      vscode.tasks.taskExecutions.flatMap(({ task }) => {
        const run = runIdOf(task.definition);
        return run === null ? [] : [run];
      }),
    onDidChange: changed.event,
    dispose: () => vscode.Disposable.from(...subscriptions).dispose(),
  };
}

function trainTask(
  command: LaunchCommand,
  folder: vscode.WorkspaceFolder | undefined,
  definition: vscode.TaskDefinition,
): vscode.Task {
  const execution = new vscode.ProcessExecution(command.executable, [...command.args], {
    cwd: command.cwd,
    env: { ...command.env },
  });
  const task = new vscode.Task(
    definition,
    folder ?? vscode.TaskScope.Workspace,
    nameOf(command.runId),
    'Active Learning',
    execution,
    [trainProblemMatcher],
  );
  // VS Code only re-attaches background tasks after a reload.
  task.isBackground = true;
  task.presentationOptions = {
    panel: vscode.TaskPanelKind.Dedicated,
    reveal: vscode.TaskRevealKind.Silent,
    echo: false,
    focus: false,
    clear: false,
    showReuseMessage: false,
  };
  return task;
}

function nameOf(run: string): string {
  return vscode.l10n.t('Training {0}', run);
}

/** Closes the terminals of earlier runs; the last one stays, since it may show why the run failed. */
function closeTerminals(runs: readonly string[]): void {
  const names = new Set(runs.map(nameOf));
  for (const terminal of vscode.window.terminals) if (names.has(terminal.name)) terminal.dispose();
}

function folderByUri(uri: string): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.workspaceFolders?.find((folder) => folder.uri.toString() === uri);
}

function folderOf(task: vscode.Task): string {
  return typeof task.scope === 'object' ? task.scope.uri.toString() : '';
}
