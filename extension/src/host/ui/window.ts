import * as vscode from 'vscode';
import { AppError } from '../../core/errors.ts';
import { labelText, notificationText, visibleText } from '../../core/text/escapeText.ts';

// The messages, lists and progress of VS Code. They interpret some markup: command links and icons. Names of classes,
// sessions and images come from files and are plain text, so the extension shows everything through this module.

/** The user closed a question without an answer. The command ends silently. */
export class UserCancelled extends AppError<'cancelled'> {
  constructor() {
    super('cancelled', 'Cancelled.', 'Run the command again at any time.');
  }
}

/** A row of a list. Its texts are shown literally; the icon before the label has its own field. */
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

function escapedMessage(name: 'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage'): ShowMessage {
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

/** Like `vscode.window.showInformationMessage`. */
export const showInformation = escapedMessage('showInformationMessage');
/** Like `vscode.window.showWarningMessage`. */
export const showWarning = escapedMessage('showWarningMessage');
/** Like `vscode.window.showErrorMessage`. */
export const showError = escapedMessage('showErrorMessage');

/** Like `vscode.window.withProgress`. */
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

/** Converts rows to the items that VS Code shows, and items back to rows. */
export class ListRows<T extends ListRow> {
  readonly #rows = new Map<vscode.QuickPickItem, T>();
  readonly #items = new Map<T, vscode.QuickPickItem>();

  /** The items for these rows; the same row always gives the same item. */
  itemsFor(rows: readonly T[]): vscode.QuickPickItem[] {
    return rows.map((row) => {
      const known = this.#items.get(row);
      if (known !== undefined) return known;
      const item = toQuickPickItem(row);
      this.#items.set(row, item);
      this.#rows.set(item, row);
      return item;
    });
  }

  rowOf(item: vscode.QuickPickItem | undefined): T | undefined {
    return item === undefined ? undefined : this.#rows.get(item);
  }
}

function toQuickPickItem(row: ListRow): vscode.QuickPickItem {
  const { icon, label, description, detail, ...rest } = row;
  return {
    ...rest,
    label: `${icon === undefined ? '' : `$(${icon}) `}${labelText(label)}`,
    ...(description === undefined ? {} : { description: labelText(description) }),
    ...(detail === undefined ? {} : { detail: labelText(detail) }),
  };
}

/** Like `vscode.window.showQuickPick`. @returns the chosen row. */
export async function showList<T extends ListRow>(
  rows: readonly T[],
  options: vscode.QuickPickOptions & { title?: string },
): Promise<T | undefined> {
  const list = new ListRows<T>();
  return list.rowOf(await vscode.window.showQuickPick(list.itemsFor(rows), options));
}
