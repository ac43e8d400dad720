import * as vscode from 'vscode';
import type { CommandHandler, HostContext } from '../context.ts';
import { commandIds, viewIds, walkthroughId } from '../ids.ts';
import { interruptedIteration } from '../running/interrupted.ts';
import { openRunOutput } from '../tasks/runOutput.ts';
import type { SessionRef } from '../workspace/folderContext.ts';
import { pickSession, argumentId, argumentSession, showWithActions, requireFolder } from './targets.ts';

/** The session whose iteration another window runs, in any folder or in the folder of `asked`. */
async function iterationElsewhere(host: HostContext, asked: SessionRef | undefined): Promise<SessionRef | null> {
  for (const folder of asked === undefined ? await host.folders.openAll() : [asked.folder]) {
    const found = await interruptedIteration(folder.ports);
    if (found?.kind === 'elsewhere') return { folder, sessionId: found.session.id };
  }
  return null;
}

/**
 * Shows the running iteration: the terminal of its training, otherwise the metrics. Called with a session, for example by
 * the status bar, it shows what runs in the folder of that session.
 */
export const showActivity: CommandHandler = async (host, argument) => {
  const asked = argumentSession(argument);
  const current = asked === undefined ? host.runner.current : host.runner.activityIn(asked);
  if (current === null) {
    await requireFolder();
    const elsewhere = await iterationElsewhere(host, asked);
    if (elsewhere !== null) {
      await host.panels.showMetrics(elsewhere);
      return;
    }
    await showWithActions(vscode.l10n.t('Nothing is running.'), {
      title: vscode.l10n.t('Train Next Iteration'),
      command: commandIds.iterationRun,
    });
    return;
  }
  const { folder, sessionId } = current.ref;
  const last = (await folder.ports.store.iterations.list(sessionId)).at(-1);
  if (last?.runId == null || !showTerminal(host, last.runId)) await host.panels.showMetrics(current.ref);
};

/** Shows the terminal of a training of this window. @returns whether there is one. */
function showTerminal(host: HostContext, runId: string): boolean {
  if (!host.tasks.attached().includes(runId)) return false;
  const terminal = vscode.window.terminals.find(({ name }) => name.includes(runId));
  terminal?.show();
  return terminal !== undefined;
}

/** Opens the output of an iteration's training: its terminal while it runs, later a document. */
export const openRunLog: CommandHandler = async (host, argument) => {
  const { folder, sessionId, session } = await pickSession(host, argument);
  const iterations = await folder.ports.store.iterations.list(sessionId);
  const id = argumentId(argument, 'iterationId');
  const iteration = iterations.findLast((row) => (id === undefined ? row.runId !== null : row.id === id));
  const run = iteration?.runId == null ? null : await folder.ports.store.runs.get(iteration.runId);
  if (run === null) {
    await showWithActions(vscode.l10n.t('This iteration has not started a training.'), {
      title: vscode.l10n.t('Show Log'),
      command: commandIds.logShow,
    });
    return;
  }
  if (showTerminal(host, run.id)) return;
  const number = iteration?.iterationNumber ?? 0;
  await openRunOutput(folder, run.id, vscode.l10n.t('{0}, iteration {1}, training output', session.name, number));
};

export const refreshView: CommandHandler = async (host) => {
  host.viewRefresh.fire();
};

export const openHelp: CommandHandler = async (host) => {
  const walkthrough = `${host.extension.extension.id}#${walkthroughId}`;
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough, false);
};

export const showLog: CommandHandler = async (host) => {
  host.log.show();
};

/** Shows the sessions view. */
export async function focusView(): Promise<void> {
  await vscode.commands.executeCommand(`${viewIds.sessions}.focus`);
}
