import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { errorText, type Fix } from '../text/errorText.ts';
import { showError } from './window.ts';

/** Logs failures and shows them to the user. */
export class ErrorPresenter {
  readonly #log: vscode.LogOutputChannel;
  /** Failures whose notification is still open, so that the same failure is not shown twice at a time. */
  readonly #open = new Set<string>();

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /**
   * Logs the failure and shows it with buttons that help. A cancellation is only logged.
   * @param doing the operation that failed, for the log.
   * @param argument the argument for the command of the chosen button.
   * @returns once the notification is closed.
   */
  async show(error: unknown, doing: string, argument?: unknown): Promise<void> {
    const { key, text, fixes, silent } = errorText(vscode.l10n, error);
    if (silent) {
      this.#log.info(`${doing}: cancelled.`);
      return;
    }
    this.#log.error(`${doing}: ${text}`);
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause !== undefined) this.#log.error(cause instanceof Error ? cause : String(cause));
    if (error instanceof Error && error.stack !== undefined) this.#log.debug(error.stack);
    if (this.#open.has(key)) return;
    this.#open.add(key);
    try {
      const log: Fix = { title: vscode.l10n.t('Show Log'), command: commandIds.logShow };
      const chosen = await showError(text, ...fixes, log);
      if (chosen) await vscode.commands.executeCommand(chosen.command, chosen.argument ?? argument);
    } finally {
      this.#open.delete(key);
    }
  }
}
