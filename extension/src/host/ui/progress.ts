import * as vscode from 'vscode';
import type { RunOptions } from '../../workflow/ports/ports.ts';
import { showProgress, UserCancelled } from './window.ts';

/**
 * Runs a long use case with a cancellable progress notification.
 * @throws UserCancelled instead of any error after the user cancelled.
 */
export async function withProgress<T>(title: string, work: (task: RunOptions) => Promise<T>): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return showProgress(options, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    let shown = 0;
    try {
      return await work({
        signal: abort.signal,
        report: ({ message, fraction }) => {
          const percent = Math.floor((fraction ?? 0) * 100);
          progress.report({ message, increment: Math.max(0, percent - shown) });
          shown = Math.max(shown, percent);
        },
      });
    } catch (error) {
      if (abort.signal.aborted) throw new UserCancelled();
      throw error;
    }
  });
}
