import * as vscode from 'vscode';
import { labelText, notificationText, visibleText } from '../../core/text/escapeText.ts';

// The messages, lists and input boxes of VS Code. They understand a little markup: links that run commands, and icons. What
// files call their classes, sessions and images is only text, so the extension shows everything through this module.

/** A row of a list. Its texts are shown as they are; an icon in front of the label is named apart. */
export interface ListRow extends vscode.QuickPickItem {
  /** The name of a theme icon, such as `folder` or `loading~spin`. */
  readonly icon?: string;
}

interface ShowMessage {
  <T extends string | vscode.MessageItem>(message: string, ...items: readonly T[]): Thenable<T | undefined>;
  <T extends string | vscode.MessageItem>(
    message: string,
    options: vscode.MessageOptions,
    ...items: readonly T[]
  ): Thenable<T | undefined>;
}

function escaped(name: 'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage'): ShowMessage {
  return (message: string, ...rest: readonly unknown[]) => {
    const show = vscode.window[name] as (text: string, ...others: readonly unknown[]) => Thenable<undefined>;
    return show(notificationText(message), ...rest.map(withPlainDetail));
  };
}

function withPlainDetail(argument: unknown): unknown {
  const hasDetail = typeof argument === 'object' && argument !== null && 'detail' in argument;
  return hasDetail && typeof argument.detail === 'string'
    ? { ...argument, detail: visibleText(argument.detail) }
    : argument;
}

/** As `vscode.window.showInformationMessage`. */
export const showInformation = escaped('showInformationMessage');
/** As `vscode.window.showWarningMessage`. */
export const showWarning = escaped('showWarningMessage');
/** As `vscode.window.showErrorMessage`. */
export const showError = escaped('showErrorMessage');

/** As `vscode.window.withProgress`. */
export function showProgress<T>(
  options: vscode.ProgressOptions,
  work: (
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    token: vscode.CancellationToken,
  ) => Thenable<T>,
): Thenable<T> {
  const title = options.title === undefined ? {} : { title: notificationText(options.title) };
  return vscode.window.withProgress<T>({ ...options, ...title }, (progress, token) =>
    work(
      {
        report: ({ message, ...rest }) =>
          progress.report({ ...rest, ...(message === undefined ? {} : { message: notificationText(message) }) }),
      },
      token,
    ),
  );
}

/** Rows as VS Code shows them, and the way back from a shown row to its origin. */
export class ShownRows<T extends ListRow> {
  readonly #origins = new Map<vscode.QuickPickItem, T>();
  readonly #shown = new Map<T, vscode.QuickPickItem>();

  /** What VS Code shows for these rows; a row that was shown before is shown as the same object. */
  of(rows: readonly T[]): vscode.QuickPickItem[] {
    return rows.map((row) => {
      const known = this.#shown.get(row);
      if (known !== undefined) return known;
      const shown = shownRow(row);
      this.#shown.set(row, shown);
      this.#origins.set(shown, row);
      return shown;
    });
  }

  origin(shown: vscode.QuickPickItem | undefined): T | undefined {
    return shown === undefined ? undefined : this.#origins.get(shown);
  }
}

function shownRow(row: ListRow): vscode.QuickPickItem {
  const { icon, label, description, detail, ...rest } = row;
  return {
    ...rest,
    label: `${icon === undefined ? '' : `$(${icon}) `}${labelText(label)}`,
    ...(description === undefined ? {} : { description: labelText(description) }),
    ...(detail === undefined ? {} : { detail: labelText(detail) }),
  };
}

/** As `vscode.window.showQuickPick`. @returns the row that was chosen. */
export async function showList<T extends ListRow>(
  rows: readonly T[],
  options: vscode.QuickPickOptions & { title?: string },
): Promise<T | undefined> {
  const shown = new ShownRows<T>();
  return shown.origin(await vscode.window.showQuickPick(shown.of(rows), options));
}
