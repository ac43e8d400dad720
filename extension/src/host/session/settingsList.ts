import * as vscode from 'vscode';
import { strategies } from '../../core/selection/registry.ts';
import {
  aggregations,
  parseSetting,
  readSetting,
  zeroDetectionPolicies,
  type SettingName,
} from '../../core/session/settingFields.ts';
import { builtInMetrics } from '../../core/uncertainty/registry.ts';
import type { PluginMetric } from '../../workflow/ports/metricPlugins.ts';
import { groupTitle, settingRows, typedValue, type SettingRow, type ShownSettings } from './fields.ts';
import { knownModels, localFile } from './knownModels.ts';
import { askText, back, ifLeft, orBack, pickItem } from './multiStep.ts';
import type { ListRow } from '../ui/window.ts';

/** What a person changed, by field. */
export type SettingChanges = Readonly<Partial<ShownSettings>>;

/** A further line of the list that is no setting, such as the dataset. */
export interface ExtraRow {
  readonly id: string;
  readonly label: string;
  readonly description: string;
}

export interface ListOptions {
  readonly title: string;
  readonly step?: number;
  readonly totalSteps?: number;
  readonly canGoBack: boolean;
  /** The settings to show; without it, all of them. */
  readonly fields?: readonly SettingName[];
  /** The first line, which ends the questions. */
  readonly done: { readonly label: string; detail(settings: ShownSettings): string };
  readonly extras: readonly ExtraRow[];
  /** The `.pt` files of the workspace, which may still be looked for: only the base model needs them. */
  readonly weights: Promise<readonly string[]>;
  /** The metrics of the person's own plug-ins, asked for when a metric is chosen; without it, none are known. */
  readonly pluginMetrics?: () => Promise<readonly PluginMetric[]>;
  /** Names of other sessions. */
  readonly takenNames: readonly string[];
  /** Where the list opens. */
  readonly active?: string | undefined;
}

interface ListItem extends ListRow {
  readonly id?: string;
  readonly row?: SettingRow;
}

/** How the list was left; `left` with Escape. */
export type ListEnd =
  | { readonly kind: 'done' | 'back' | 'left'; readonly changes: SettingChanges }
  | { readonly kind: 'extra'; readonly id: string; readonly changes: SettingChanges };

const doneId = 'done';

/**
 * Shows every setting in one list; choosing one asks for it, with a way back, and returns to the list. Enter on the
 * first line accepts everything as it stands. However it is left, it hands over what was changed.
 * @param base what the settings are where nothing was changed; some defaults follow from other settings.
 */
export async function editSettings(
  base: (changes: SettingChanges) => ShownSettings,
  before: SettingChanges,
  options: ListOptions,
): Promise<ListEnd> {
  let changes = before;
  let active = options.active ?? doneId;
  for (;;) {
    const settings = { ...base(changes), ...changes };
    const items = listItems(settings, options);
    const question = pickItem<ListItem>({
      ...place(options),
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

function place(options: ListOptions) {
  return { title: options.title, step: options.step, totalSteps: options.totalSteps, canGoBack: options.canGoBack };
}

function listItems(settings: ShownSettings, options: ListOptions): ListItem[] {
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
  let group: SettingRow['group'] | undefined;
  for (const row of settingRows(vscode.l10n, settings)) {
    if (options.fields?.includes(row.field) === false) continue;
    if (row.group !== group) separator(groupTitle(vscode.l10n, row.group));
    group = row.group;
    // A file of the workspace by its place there: the whole path would not fit.
    const value = row.field === 'baseModel' ? vscode.workspace.asRelativePath(row.value, false) : row.value;
    items.push({ id: row.field, label: row.title, description: value, row });
  }
  return items;
}

/** Asks for one setting. @returns its new value as it is stored, or `back`. */
async function askSetting(row: SettingRow, settings: ShownSettings, options: ListOptions): Promise<unknown> {
  const { field, title, help } = row;
  const where = { ...place(options), title: `${options.title}: ${title}`, canGoBack: true };
  const choices =
    field === 'rankingMetric'
      ? metricItems(settings.rankingMetric, (await options.pluginMetrics?.()) ?? [])
      : choicesOf(field, settings, field === 'baseModel' ? await options.weights : []);
  if (choices === null) return askTyped(field, help, settings, options);
  const active = choices.find((item) => item.value === settings[field]);
  const item = await pickItem<ValueItem>({ ...where, items: choices, active, placeholder: help });
  if (item === back || item.kind === vscode.QuickPickItemKind.Separator) return back;
  if (item.value === browseModel) return browseWeights();
  if (item.value === typeModel) return askTyped(field, help, settings, options);
  return item.value;
}

const browseModel = Symbol('browse');
/** The value is typed instead of chosen. */
const typeModel = Symbol('type');

interface ValueItem extends ListRow {
  readonly value: unknown;
}

/** The choices of a setting; null for one that is typed. */
function choicesOf(
  field: SettingName,
  settings: ShownSettings,
  weights: readonly string[],
): readonly ValueItem[] | null {
  switch (field) {
    case 'strategy':
      return strategies.map(({ id, title, description }) => ({
        label: title,
        description: id,
        detail: description,
        value: id,
      }));
    case 'aggregation':
      return aggregations.map((value) => ({ label: value, detail: aggregationHelp(value), value }));
    case 'zeroDetections':
      return zeroDetectionPolicies.map((value) => ({ label: value, detail: zeroDetectionsHelp(value), value }));
    case 'flip':
    case 'localisation':
    case 'fastScoring':
      return [
        { label: vscode.l10n.t('Off'), value: false },
        { label: vscode.l10n.t('On'), value: true },
      ];
    case 'warmStart':
      return [
        {
          label: vscode.l10n.t('From the base model'),
          detail: vscode.l10n.t('every iteration starts anew; versions can be compared fairly'),
          value: false,
        },
        {
          label: vscode.l10n.t('From the previous version'),
          detail: vscode.l10n.t('faster, and needed where the base model has no pretrained weights'),
          value: true,
        },
      ];
    case 'baseModel':
      return modelItems(settings.baseModel, weights);
    default:
      return null;
  }
}

function aggregationHelp(value: (typeof aggregations)[number]): string {
  switch (value) {
    case 'top-k':
      return vscode.l10n.t('the mean of the five most uncertain boxes');
    case 'max':
      return vscode.l10n.t('the most uncertain box');
    case 'mean':
      return vscode.l10n.t('the mean of all boxes');
    case 'noisy-or':
      return vscode.l10n.t('how likely it is that any box is wrong');
  }
}

/** The metrics of the product and of plug-ins, and the chosen one where its plug-in is gone. */
export function metricItems(current: string, plugins: readonly PluginMetric[]): readonly ValueItem[] {
  const items: ValueItem[] = builtInMetrics.map(({ id, title, description }) => ({
    label: vscode.l10n.t(title),
    description: id,
    detail: vscode.l10n.t(description),
    value: id,
  }));
  // Their words are those of whoever wrote them.
  for (const { id, title, description } of plugins) {
    items.push({ icon: 'extensions', label: title, description: id, detail: description, value: id });
  }
  if (!items.some(({ value }) => value === current)) items.push({ label: current, value: current });
  return [
    ...items,
    { icon: 'edit', label: vscode.l10n.t('Type the id of a metric plug-in…'), value: typeModel, alwaysShow: true },
  ];
}

function zeroDetectionsHelp(value: (typeof zeroDetectionPolicies)[number]): string {
  switch (value) {
    case 'quota':
      return vscode.l10n.t('a share of the batch, those with the best faint candidate first');
    case 'ignore':
      return vscode.l10n.t('they are never chosen; what the model misses altogether stays unseen');
    case 'first':
      return vscode.l10n.t('they come before all others');
  }
}

const separator = (label: string): ValueItem => ({ label, kind: vscode.QuickPickItemKind.Separator, value: undefined });

function modelItems(current: string, weights: readonly string[]): readonly ValueItem[] {
  const models = knownModels(vscode.l10n);
  const published = models.filter(
    ({ group, name }) => group === 'published' && (name === current || localFile(name, weights) === undefined),
  );
  const scratch = models.filter(({ group }) => group === 'scratch');
  const listed = [...weights, ...models.map(({ name }) => name)].includes(current);
  return [
    ...(listed ? [] : [{ label: current, description: vscode.l10n.t('current'), value: current }]),
    ...(weights.length === 0 ? [] : [separator(vscode.l10n.t('In this workspace'))]),
    ...weights.map((path) => ({ label: vscode.workspace.asRelativePath(path, false), value: path })),
    separator(vscode.l10n.t('Published weights; downloaded after you agreed, when training starts')),
    ...published.map(({ name, detail }) => ({ label: name, detail, value: name })),
    separator(vscode.l10n.t('From nothing')),
    ...scratch.map(({ name, detail }) => ({ label: name, detail, value: name })),
    separator(''),
    { icon: 'folder-opened', label: vscode.l10n.t('Choose a .pt file…'), value: browseModel, alwaysShow: true },
    { icon: 'edit', label: vscode.l10n.t('Type a name or a path…'), value: typeModel, alwaysShow: true },
  ];
}

async function browseWeights(): Promise<string | typeof back> {
  const [file] =
    (await vscode.window.showOpenDialog({
      openLabel: vscode.l10n.t('Use This'),
      filters: { [vscode.l10n.t('YOLO weights and architectures')]: ['pt', 'yaml', 'yml'] },
    })) ?? [];
  return file === undefined ? back : file.fsPath;
}

async function askTyped(
  field: SettingName,
  help: string,
  settings: ShownSettings,
  options: ListOptions,
): Promise<unknown> {
  const typed = await askText({
    ...place(options),
    canGoBack: true,
    value: typedValue(field, settings),
    prompt: help,
    validate: (text) => {
      const read = parseSetting(field, text);
      if (!read.ok) return sentence(read.message);
      return field === 'name' && options.takenNames.includes(text.trim())
        ? vscode.l10n.t('There is a session of this name.')
        : null;
    },
  });
  if (typed === back) return back;
  const read = parseSetting(field, typed);
  return read.ok ? read.value : back;
}

/** A problem as the input box shows it: it begins with a capital. */
export function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}

/** A setting of VS Code as a session can take it; undefined where it cannot, or where it is no other than the default. */
export function usableDefault(field: SettingName, value: unknown, usual: unknown): unknown {
  if (value === undefined || value === usual) return undefined;
  const read = readSetting(field, value);
  return read.ok ? read.value : undefined;
}
