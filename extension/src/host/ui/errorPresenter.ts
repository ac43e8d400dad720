import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { errorText, type Fix } from '../text/errorText.ts';
import { showError } from './window.ts';

/** The one way in which failures reach the user. */
export class ErrorPresenter {
  readonly #log: vscode.LogOutputChannel;
  /** Failures whose notification is still open: the same one is not shown again beside itself. */
  readonly #open = new Set<string>();

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /**
   * Logs the failure and shows it with what helps. What a person stopped is logged alone.
   * @param doing what was being done, for the log.
   * @param argument is handed to the command of the button that is pressed.
   * @returns when the notification is gone.
   */
  async show(error: unknown, doing: string, argument?: unknown): Promise<void> {
    const { key, text, fixes, silent } = errorText(vscode.l10n, error);
    if (silent) {
      this.#log.info(`${doing}: stopped on request.`);
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
