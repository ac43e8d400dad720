import * as vscode from 'vscode';
import { canSelectFirstBatch } from '../../workflow/session/firstBatch.ts';
import { isClosed } from '../../workflow/session/sessions.ts';
import { sessionStatusOperation } from '../../workflow/operations/sessionOperations.ts';
import type { CommandHandler } from '../context.ts';
import { commandIds } from '../ids.ts';
import { interruptedIteration } from '../running/interrupted.ts';
import { obstacleText } from '../text/obstacleText.ts';
import { pickFolder, pickWritableSession, showWithActions, suggestedActions } from './targets.ts';
import { showInformation, showWarning } from '../ui/window.ts';

/** "Train Next Iteration": starts the next iteration or resumes an interrupted one. */
export const runIterationCommand: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument, (row) => !isClosed(row));
  const { folder, sessionId, session } = chosen;
  const view = await sessionStatusOperation.run(folder.ports, { session: sessionId }, {});
  const can = (name: string): boolean => view.actions.some(({ action, enabled }) => action === name && enabled);
  const working = view.actions.find(({ action }) => action === 'cancel-iteration')?.enabled === true;
  if (can('begin-iteration') || can('resume-iteration') || working) {
    await host.runner.start({ folder, sessionId });
    return;
  }
  if (can('train-final')) {
    const train = vscode.l10n.t('Train on All Labels');
    const answer = await showInformation(
      vscode.l10n.t('All {0} iterations of "{1}" are done.', session.maxIterations, session.name),
      {
        modal: true,
        detail: vscode.l10n.t(
          'You can now train a final model on all labels. To select and review more samples instead, increase the number of iterations in the session settings.',
        ),
      },
      train,
      vscode.l10n.t('Edit Session'),
    );
    if (answer === train) await host.runner.start({ folder, sessionId });
    else if (answer !== undefined) await vscode.commands.executeCommand(commandIds.sessionEdit, { folder, sessionId });
    return;
  }
  const begin = view.actions.find(({ action }) => action === 'begin-iteration');
  await showWithActions(
    obstacleText(vscode.l10n, begin) ?? vscode.l10n.t('Not available right now.'),
    ...suggestedActions(chosen, view),
  );
};

/** "Select First Batch": selects the images to label first, if there are too few labels for a training. */
export const selectFirstBatchCommand: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument, (row) => !isClosed(row));
  const { folder, sessionId } = chosen;
  const view = await sessionStatusOperation.run(folder.ports, { session: sessionId }, {});
  if (canSelectFirstBatch(view)) {
    await host.runner.start({ folder, sessionId });
    return;
  }
  const select = view.actions.find(({ action }) => action === 'select-first-batch');
  await showWithActions(
    obstacleText(vscode.l10n, select) ?? vscode.l10n.t('Not available right now.'),
    ...suggestedActions(chosen, view),
  );
};

/** Takes over an iteration from another window, or from this window before it was reloaded. */
export const takeOverIteration: CommandHandler = async (host, argument) => {
  const folder = await pickFolder(argument);
  const live = await host.folders.open(folder, false);
  const found = live === null ? null : await interruptedIteration(live.ports);
  if (live === null || found?.kind !== 'elsewhere') {
    await showWithActions(vscode.l10n.t('No other window is running an iteration in this folder.'), {
      title: vscode.l10n.t('Train Next Iteration'),
      command: commandIds.iterationRun,
    });
    return;
  }
  await host.runner.takeFromElsewhere({ folder: live, sessionId: found.session.id });
};

export const stopIteration: CommandHandler = async (host, argument) => {
  if (argument === undefined && host.runner.current !== null) {
    await host.runner.stopIn(host.runner.current.ref);
    return;
  }
  const chosen = await pickWritableSession(host, argument, (row) => !isClosed(row));
  const { folder, sessionId } = chosen;
  if (host.runner.activityIn(chosen)?.ref.sessionId === sessionId) {
    await host.runner.stopIn(chosen);
    return;
  }
  const last = (await folder.ports.store.iterations.list(sessionId)).at(-1);
  // A trainer that another window started, or that outlived its window, can also be stopped here.
  if (last?.runId != null && (await folder.ports.trainer.isAlive(last.runId))) {
    const stop = vscode.l10n.t('Stop Training');
    const answer = await showWarning(
      vscode.l10n.t('Another window started the training of "{0}". Stop it?', chosen.session.name),
      { modal: true },
      stop,
    );
    if (answer === stop) await folder.ports.trainer.cancel(last.runId);
    return;
  }
  const view = await sessionStatusOperation.run(folder.ports, { session: sessionId }, {});
  if (host.takeover.isElsewhere(folder)) {
    await showWithActions(
      vscode.l10n.t('Another window is running this iteration. Stop it there, or take it over first.'),
      {
        title: vscode.l10n.t('Take Over'),
        command: commandIds.iterationTakeOver,
        argument: { folder, sessionId },
      },
    );
    return;
  }
  await showWithActions(vscode.l10n.t('Nothing is running.'), ...suggestedActions(chosen, view));
};
