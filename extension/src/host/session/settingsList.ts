import * as vscode from 'vscode';
import type { SettingGroup } from '../../core/session/setting.ts';
import type { SettingName, SettingValues } from '../../core/session/types.ts';
import { askSetting, type SettingQuestion } from './askSetting.ts';
import { groupTitle, settingRows, type SettingRow } from './fields.ts';
import { back, ifLeft, orBack, pickItem } from './multiStep.ts';
import type { ListRow } from '../ui/window.ts';

/** What the user changed, by the key of the setting. */
export type SettingChanges = Readonly<Partial<SettingValues>>;

/** A further line of the list that is not a setting, such as the dataset. */
export interface ExtraRow {
  readonly id: string;
  readonly label: string;
  readonly description: string;
}

export interface ListOptions extends SettingQuestion {
  /** The settings to show. Without it, the list shows all of them. */
  readonly fields?: readonly SettingName[];
  /** The first line, which accepts the settings. */
  readonly done: { readonly label: string; detail(settings: SettingValues): string };
  readonly extras: readonly ExtraRow[];
  /** The row that has the focus when the list opens. */
  readonly active?: string | undefined;
}

interface ListItem extends ListRow {
  readonly id?: string;
  readonly row?: SettingRow;
}

/** How the user left the list: `left` means Escape. */
export type ListEnd =
  | { readonly kind: 'done' | 'back' | 'left'; readonly changes: SettingChanges }
  | { readonly kind: 'extra'; readonly id: string; readonly changes: SettingChanges };

const doneId = 'done';

/**
 * Shows every setting in one list. Choosing one asks for its value and returns to the list; Enter on the first line
 * accepts all values. The result holds the changes, however the user left the list.
 * @param base the settings without changes; some defaults depend on other settings.
 */
export async function editSettings(
  base: (changes: SettingChanges) => SettingValues,
  before: SettingChanges,
  options: ListOptions,
): Promise<ListEnd> {
  let changes = before;
  let active = options.active ?? doneId;
  for (;;) {
    const settings = { ...base(changes), ...changes };
    const items = listItems(settings, options);
    const question = pickItem<ListItem>({
      title: options.title,
      step: options.step,
      totalSteps: options.totalSteps,
      canGoBack: options.canGoBack,
      items,
      active: items.find(({ id }) => id === active),
      placeholder: vscode.l10n.t('Press Enter to accept, or choose a setting to change it'),
    });
    const item = await ifLeft(question, null);
    if (item === null) return { kind: 'left', changes };
    if (item === back) return { kind: 'back', changes };
    if (item.row === undefined) {
      if (item.id === doneId) return { kind: 'done', changes };
      if (item.id !== undefined) return { kind: 'extra', id: item.id, changes };
      continue;
    }
    active = item.row.field;
    const value = await orBack(askSetting(item.row, settings, options));
    if (value !== back) changes = { ...changes, [item.row.field]: value };
  }
}

function listItems(settings: SettingValues, options: ListOptions): ListItem[] {
  const items: ListItem[] = [
    { id: doneId, icon: 'check', label: options.done.label, detail: options.done.detail(settings), alwaysShow: true },
  ];
  const separator = (label: string): void => {
    items.push({ label, kind: vscode.QuickPickItemKind.Separator });
  };
  if (options.extras.length > 0) {
    separator(vscode.l10n.t('Images'));
    items.push(...options.extras);
  }
  let group: SettingGroup | undefined;
  for (const row of settingRows(vscode.l10n, settings)) {
    if (options.fields?.some((field) => field === row.field) === false) continue;
    if (row.setting.group !== group) separator(groupTitle(vscode.l10n, row.setting.group));
    group = row.setting.group;
    // The whole path would not fit.
    const value = row.setting.input === 'weights' ? vscode.workspace.asRelativePath(row.value, false) : row.value;
    items.push({ id: row.field, label: row.title, description: value, row });
  }
  return items;
}
