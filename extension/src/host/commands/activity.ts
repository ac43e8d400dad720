import * as vscode from 'vscode';
import { commandIds, viewIds, walkthroughId } from '../ids.ts';
import type { Host } from '../context.ts';
import { interruptedIteration } from '../running/interrupted.ts';
import type { SessionRef } from '../services.ts';
import { browsedSession, givenId, givenSession, offer, requireFolder } from './targets.ts';
import type { CommandHandler } from './handler.ts';

/** The session that another window works on, in any folder or in that of a session. */
async function iterationElsewhere(host: Host, asked: SessionRef | undefined): Promise<SessionRef | null> {
  for (const folder of asked === undefined ? await host.folders.openAll() : [asked.folder]) {
    const found = await interruptedIteration(folder.ports);
    if (found?.kind === 'elsewhere') return { folder, sessionId: found.session.id };
  }
  return null;
}

/**
 * Opens what is running: the terminal of the training, otherwise the metrics. Called on a session, such as by the item in
 * the status bar, it is what runs in the folder of that session.
 */
export const showActivity: CommandHandler = async (host, argument) => {
  const asked = givenSession(argument);
  const current = asked === undefined ? host.runner.current : host.runner.activityIn(asked);
  if (current === null) {
    await requireFolder();
    const elsewhere = await iterationElsewhere(host, asked);
    if (elsewhere !== null) {
      await host.panels.showMetrics(elsewhere);
      return;
    }
    await offer(vscode.l10n.t('Nothing is running.'), {
      title: vscode.l10n.t('Train Next Iteration'),
      command: commandIds.iterationRun,
    });
    return;
  }
  const { folder, sessionId } = current.ref;
  const last = (await folder.ports.store.iterations.list(sessionId)).at(-1);
  if (last?.runId == null || !showTerminal(host, last.runId)) await host.panels.showMetrics(current.ref);
};

/** Shows the terminal in which a training of this window works. @returns whether there is one. */
function showTerminal(host: Host, runId: string): boolean {
  if (!host.tasks.attached().includes(runId)) return false;
  const terminal = vscode.window.terminals.find(({ name }) => name.includes(runId));
  terminal?.show();
  return terminal !== undefined;
}

/** Opens what the trainer of an iteration told: its terminal while it works, and later a document. */
export const openRunLog: CommandHandler = async (host, argument) => {
  const { folder, sessionId, session } = await browsedSession(host, argument);
  const iterations = await folder.ports.store.iterations.list(sessionId);
  const id = givenId(argument, 'iterationId');
  const iteration = iterations.findLast((row) => (id === undefined ? row.runId !== null : row.id === id));
  const run = iteration?.runId == null ? null : await folder.ports.store.runs.get(iteration.runId);
  if (run === null) {
    await offer(vscode.l10n.t('No training was started in this iteration.'), {
      title: vscode.l10n.t('Show Log'),
      command: commandIds.logShow,
    });
    return;
  }
  if (showTerminal(host, run.id)) return;
  const { openRunOutput } = await import('./runOutput.ts');
  const number = iteration?.iterationNumber ?? 0;
  await openRunOutput(folder, run.id, vscode.l10n.t('{0}, iteration {1}, training output', session.name, number));
};

export const refreshView: CommandHandler = async (host) => {
  host.tree.refresh();
};

export const openHelp: CommandHandler = async (host) => {
  const walkthrough = `${host.context.extension.id}#${walkthroughId}`;
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough, false);
};

export const showLog: CommandHandler = async (host) => {
  host.log.show();
};

/** Shows the sidebar. */
export async function focusView(): Promise<void> {
  await vscode.commands.executeCommand(`${viewIds.sessions}.focus`);
}
