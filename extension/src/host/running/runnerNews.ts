import * as vscode from 'vscode';
import { toErrorReport } from '../../core/errors.ts';
import { iterationKind } from '../../core/session/stateMachine.ts';
import type { IterationRow } from '../../workflow/ports/store/iterations.ts';
import { commandIds } from '../ids.ts';
import type { Activity, SessionRef } from '../services.ts';
import { endText } from '../text/endText.ts';
import type { Fix } from '../text/errorText.ts';
import { showInformation, showProgress, showWarning } from '../ui/window.ts';
import { completeStep } from '../ui/walkthrough.ts';

/** Tells that an iteration is through, and offers what comes next. */
export async function announceEnd(
  { ref, sessionName }: Omit<Activity, 'progress'>,
  iteration: IterationRow,
): Promise<void> {
  completeStep('train');
  const { folder, sessionId } = ref;
  const session = await folder.ports.store.sessions.get(sessionId);
  const { total: samples } = await folder.ports.store.samples.progress(iteration.id);
  const review = { title: vscode.l10n.t('Review'), command: commandIds.reviewOpen };
  const metrics = { title: vscode.l10n.t('Show Metrics'), command: commandIds.metricsOpen };
  const save = { title: vscode.l10n.t('Export Best Model'), command: commandIds.modelExport };
  const reviewing = iteration.status === 'reviewing';
  const final = session !== null && iterationKind(iteration.iterationNumber, session.maxIterations) === 'final';
  const message = endText(vscode.l10n, { sessionName, iteration, samples, final });
  const offers = reviewing ? (iteration.map50 === null ? [review] : [review, metrics]) : [metrics, save];
  const chosen = await showInformation(message, ...offers);
  if (chosen) await vscode.commands.executeCommand(chosen.command, { folder, sessionId });
}

/** Says that another window works on an iteration, with what can be done about it. */
export async function tellElsewhere(ref: SessionRef, error: unknown): Promise<void> {
  const { message, hint } = toErrorReport(error);
  const takeOver = { title: vscode.l10n.t('Take Over'), command: commandIds.iterationTakeOver };
  const retry = { title: vscode.l10n.t('Retry'), command: commandIds.iterationRun };
  const chosen = await showWarning<Fix>(`${message} ${hint}`, takeOver, retry);
  if (chosen) await vscode.commands.executeCommand(chosen.command, ref);
}

/** Says that another window goes on with what ran here. */
export function tellHandedOver({ iterationNumber, sessionName }: Activity): void {
  void showInformation(
    vscode.l10n.t(
      'Another window has taken over iteration {0} of "{1}". Its progress shows here too.',
      iterationNumber,
      sessionName,
    ),
  );
}

/** Asks the window that works on an iteration to let go, with its progress shown. @returns whether it has. */
export async function letGoElsewhere(ref: SessionRef): Promise<boolean> {
  const { requestHandover } = await import('../../workflow/iteration/iterationHandover.ts');
  const free = await showProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Asking the other window to let go of the iteration'),
      cancellable: true,
    },
    (_progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      return requestHandover(ref.folder.ports, { signal: abort.signal });
    },
  );
  if (!free) {
    const retry = { title: vscode.l10n.t('Retry'), command: commandIds.iterationTakeOver };
    const chosen = await showWarning(
      vscode.l10n.t(
        'The other window has not let go of the iteration yet: it is in the middle of a step, or it hangs. Nothing was changed.',
      ),
      retry,
    );
    if (chosen) await vscode.commands.executeCommand(chosen.command, ref);
  }
  return free;
}

/** Says that something runs already. @returns whether it is to be stopped. */
export async function tellBusy({ iterationNumber, sessionName }: Activity): Promise<boolean> {
  const stop = vscode.l10n.t('Stop');
  const show = vscode.l10n.t('Show Progress');
  const chosen = await showInformation(
    vscode.l10n.t(
      'Iteration {0} of "{1}" is running already; one runs at a time in a workspace folder.',
      iterationNumber,
      sessionName,
    ),
    show,
    stop,
  );
  if (chosen === show) await vscode.commands.executeCommand(commandIds.activityShow);
  return chosen === stop;
}
