import * as vscode from 'vscode';
import { UserCancelled } from '../ui/window.ts';
import { notificationText, visibleLine } from '../../core/text/escapeText.ts';
import { ListRows, type ListRow } from '../ui/window.ts';

/** The answer of a user who wants to return to the previous question. */
export const back = Symbol('back');

export interface Place {
  readonly title: string;
  readonly step?: number | undefined;
  readonly totalSteps?: number | undefined;
  /** Whether there is a Back button. */
  readonly canGoBack: boolean;
}

export interface PickOptions<T extends ListRow> extends Place {
  readonly items: readonly T[];
  readonly placeholder: string;
  readonly active?: T | undefined;
  /** Whether an item is an answer. Without it, every item is. */
  readonly accepts?: (item: T) => boolean;
  /**
   * Finds more items while the list is open; `show` replaces the items. The list shows progress until the promise
   * settles. The signal fires if the list closes earlier. An error ends the question.
   */
  readonly fill?: (show: (items: readonly T[], active?: T) => void, signal: AbortSignal) => Promise<void>;
}

/** An item that the user chose, or whose button the user pressed. */
export interface Picked<T> {
  readonly kind: 'chosen' | 'pressed';
  readonly item: T;
}

/** Sets what quick picks and input boxes have in common. */
function begin(input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox, place: Place): void {
  input.title = visibleLine(place.title);
  input.step = place.step;
  input.totalSteps = place.totalSteps;
  // The user may look something up in another window without losing the input.
  input.ignoreFocusOut = true;
  if (place.canGoBack) input.buttons = [vscode.QuickInputButtons.Back];
}

/** Lets the user choose an item. @throws UserCancelled when the question is left with Escape. */
export async function pickItem<T extends ListRow>(options: PickOptions<T>): Promise<T | typeof back> {
  const picked = await pickOrPress(options);
  return picked === back ? back : picked.item;
}

/** Lets the user choose an item, or press its button. @throws UserCancelled when the question is left with Escape. */
export function pickOrPress<T extends ListRow>(options: PickOptions<T>): Promise<Picked<T> | typeof back> {
  const input = vscode.window.createQuickPick();
  const shown = new ListRows<T>();
  const closed = new AbortController();
  begin(input, options);
  input.items = shown.itemsFor(options.items);
  input.placeholder = options.placeholder;
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  if (options.active !== undefined) input.activeItems = shown.itemsFor([options.active]);
  return new Promise<Picked<T> | typeof back>((resolve, reject) => {
    const end = (picked: Picked<T> | typeof back): void => {
      resolve(picked);
      input.hide();
    };
    input.onDidAccept(() => {
      const item = shown.rowOf(input.selectedItems[0]);
      if (item === undefined || options.accepts?.(item) === false) return;
      end({ kind: 'chosen', item });
    });
    input.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) end(back);
    });
    input.onDidTriggerItemButton((event) => {
      const item = shown.rowOf(event.item);
      if (item !== undefined) end({ kind: 'pressed', item });
    });
    input.onDidHide(() => reject(new UserCancelled()));
    input.show();
    if (options.fill !== undefined) fill(input, shown, options.fill, closed.signal).catch(reject);
  }).finally(() => {
    closed.abort();
    input.dispose();
  });
}

async function fill<T extends ListRow>(
  input: vscode.QuickPick<vscode.QuickPickItem>,
  shown: ListRows<T>,
  find: NonNullable<PickOptions<T>['fill']>,
  signal: AbortSignal,
): Promise<void> {
  input.busy = true;
  const show = (items: readonly T[], active?: T): void => {
    if (signal.aborted) return;
    const [before] = input.activeItems;
    // Keep the focus if the user moved it.
    const moved = before !== undefined && before !== input.items[0];
    const kept = moved ? items.find(({ label }) => label === shown.rowOf(before)?.label) : undefined;
    input.items = shown.itemsFor(items);
    // VS Code focuses no row after it replaced rows, and Enter would do nothing.
    const next = kept ?? active ?? items[0];
    input.activeItems = next === undefined ? [] : shown.itemsFor([next]);
  };
  try {
    await find(show, signal);
  } finally {
    if (!signal.aborted) input.busy = false;
  }
}

/** Lets the user type; `validate` checks every change. @throws UserCancelled when the question is left with Escape. */
export function askText(
  place: Place & {
    readonly value: string;
    readonly prompt: string;
    readonly placeholder?: string;
    readonly validate: (typed: string) => string | null;
  },
): Promise<string | typeof back> {
  const input = vscode.window.createInputBox();
  begin(input, place);
  input.value = place.value;
  input.prompt = notificationText(place.prompt);
  input.placeholder = place.placeholder;
  const check = (): boolean => {
    const message = place.validate(input.value);
    input.validationMessage = message === null ? undefined : notificationText(message);
    return message === null;
  };
  return new Promise<string | typeof back>((resolve, reject) => {
    input.onDidChangeValue(check);
    input.onDidAccept(() => {
      if (!check()) return;
      resolve(input.value);
      input.hide();
    });
    input.onDidTriggerButton((button) => {
      if (button !== vscode.QuickInputButtons.Back) return;
      resolve(back);
      input.hide();
    });
    input.onDidHide(() => reject(new UserCancelled()));
    input.show();
  }).finally(() => input.dispose());
}

/** The answer, or `left` if the user leaves the question with Escape. */
export async function ifLeft<T, L>(answer: Promise<T>, left: L): Promise<T | L> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof UserCancelled) return left;
    throw error;
  }
}

/** A question inside another one: Escape returns to the outer one without losing input. */
export function orBack<T>(answer: Promise<T>): Promise<T | typeof back> {
  return ifLeft(answer, back);
}
