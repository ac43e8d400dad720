import * as vscode from 'vscode';
import { toErrorReport } from '../../core/errors.ts';
import { iterationKind } from '../../core/session/stateMachine.ts';
import type { ProgressUpdate } from '../../workflow/ports/progress.ts';
import type { IterationRow } from '../../workflow/ports/store/iterations.ts';
import { commandIds } from '../ids.ts';
import { endText } from '../text/endText.ts';
import { iterationName, iterationTitle } from '../text/iterationText.ts';
import type { Fix } from '../text/errorText.ts';
import { showInformation, showProgress, showWarning } from '../ui/window.ts';
import { completeStep } from '../ui/walkthrough.ts';
import type { SessionRef } from '../workspace/folderContext.ts';

/** A running iteration. */
export interface Activity {
  readonly ref: SessionRef;
  readonly sessionName: string;
  readonly iterationNumber: number;
  readonly progress: ProgressUpdate;
  readonly secondsToGo?: number | null;
}

/** Shows that an iteration is finished, and offers the next steps. */
export async function showIterationEnd(
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

/** Shows that another window runs the iteration, and offers to take over or retry. */
export async function showBusyElsewhere(ref: SessionRef, error: unknown): Promise<void> {
  const { message, hint } = toErrorReport(error);
  const takeOver = { title: vscode.l10n.t('Take Over'), command: commandIds.iterationTakeOver };
  const retry = { title: vscode.l10n.t('Retry'), command: commandIds.iterationRun };
  const chosen = await showWarning<Fix>(`${message} ${hint}`, takeOver, retry);
  if (chosen) await vscode.commands.executeCommand(chosen.command, ref);
}

/** Shows that another window has taken over an iteration of this window. */
export function showHandedOver({ iterationNumber, sessionName }: Activity): void {
  void showInformation(
    vscode.l10n.t(
      'Another window has taken over {0} of "{1}". You can follow its progress here.',
      iterationName(vscode.l10n, iterationNumber),
      sessionName,
    ),
  );
}

/** Asks the window that runs the iteration to release it, and shows progress. @returns whether it has. */
export async function askForHandover(ref: SessionRef): Promise<boolean> {
  const { requestHandover } = await import('./deferred.ts');
  const free = await showProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Asking the other window to release the iteration'),
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
        'The other window has not released the iteration yet. It is in the middle of a step or not responding. Nothing was changed.',
      ),
      retry,
    );
    if (chosen) await vscode.commands.executeCommand(chosen.command, ref);
  }
  return free;
}

/** Shows that an iteration is already running. @returns whether the user wants to stop it. */
export async function confirmStopRunning({ iterationNumber, sessionName }: Activity): Promise<boolean> {
  const stop = vscode.l10n.t('Stop');
  const show = vscode.l10n.t('Show Progress');
  const chosen = await showInformation(
    vscode.l10n.t(
      '{0} of "{1}" is already running. A workspace folder runs one iteration at a time.',
      iterationTitle(vscode.l10n, iterationNumber),
      sessionName,
    ),
    show,
    stop,
  );
  if (chosen === show) await vscode.commands.executeCommand(commandIds.activityShow);
  return chosen === stop;
}
