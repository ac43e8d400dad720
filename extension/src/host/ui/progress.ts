import * as vscode from 'vscode';
import type { RunOptions } from '../../workflow/ports/ports.ts';
import { Dismissed } from './userCancelled.ts';
import { showProgress } from './window.ts';

/**
 * Runs a long use case with a notification that shows how far it is, and can stop it.
 * @throws Dismissed when the person stopped it, however the use case ends then.
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
      if (abort.signal.aborted) throw new Dismissed();
      throw error;
    }
  });
}
