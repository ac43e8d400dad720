import * as vscode from 'vscode';
import { Dismissed } from '../dismissed.ts';

/** The answer of somebody who wants the question before. */
export const back = Symbol('back');

interface Place {
  readonly title: string;
  readonly step: number | undefined;
  readonly totalSteps: number | undefined;
  /** Offers the way back. */
  readonly canGoBack: boolean;
}

/** The part of quick picks and input boxes that questions share. */
function begin(input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox, place: Place): void {
  input.title = place.title;
  input.step = place.step;
  input.totalSteps = place.totalSteps;
  // Looking something up in another window must not throw away what was typed.
  input.ignoreFocusOut = true;
  if (place.canGoBack) input.buttons = [vscode.QuickInputButtons.Back];
}

/** Lets a person choose an item. @throws Dismissed when the question is left with Escape. */
export function pickItem<T extends vscode.QuickPickItem>(
  place: Place & { readonly items: readonly T[]; readonly placeholder: string; readonly active?: T | undefined },
): Promise<T | typeof back> {
  const input = vscode.window.createQuickPick<T>();
  begin(input, place);
  input.items = place.items;
  input.placeholder = place.placeholder;
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  if (place.active !== undefined) input.activeItems = [place.active];
  return new Promise<T | typeof back>((resolve, reject) => {
    input.onDidAccept(() => {
      const [chosen] = input.selectedItems;
      if (chosen === undefined) return;
      resolve(chosen);
      input.hide();
    });
    input.onDidTriggerButton((button) => {
      if (button !== vscode.QuickInputButtons.Back) return;
      resolve(back);
      input.hide();
    });
    input.onDidHide(() => reject(new Dismissed()));
    input.show();
  }).finally(() => input.dispose());
}

/** Lets a person type; `validate` speaks while they do. @throws Dismissed when the question is left with Escape. */
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
  input.prompt = place.prompt;
  input.placeholder = place.placeholder;
  const check = (): boolean => {
    const message = place.validate(input.value);
    input.validationMessage = message ?? undefined;
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
    input.onDidHide(() => reject(new Dismissed()));
    input.show();
  }).finally(() => input.dispose());
}
