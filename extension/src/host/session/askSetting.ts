import * as vscode from 'vscode';
import { sessionSettings } from '../../core/session/sessionSettings.ts';
import { parseValue } from '../../core/session/settings.ts';
import type { SettingChoice } from '../../core/session/setting.ts';
import type { SettingValues } from '../../core/session/types.ts';
import type { PluginScore } from '../../workflow/ports/scorePlugins.ts';
import type { ListRow } from '../ui/window.ts';
import type { SettingRow } from './fields.ts';
import { knownModels, localFile } from './knownModels.ts';
import { askText, back, pickItem, type Place } from './multiStep.ts';

export interface SettingQuestion extends Place {
  /** The `.pt` files of the workspace. Only the base model waits for the search. */
  readonly weights: Promise<readonly string[]>;
  /** The scores of the user's own plug-ins, loaded when the user chooses a score. Without it, none are known. */
  readonly pluginScores?: () => Promise<readonly PluginScore[]>;
  /** Names of other sessions. */
  readonly takenNames: readonly string[];
}

const browseFile = Symbol('browse');
/** The user types the value instead of choosing it. */
const typeValue = Symbol('type');

interface ValueItem extends ListRow {
  readonly value: unknown;
}

/** Asks for one setting. @returns its new value as it is stored, or `back`. */
export async function askSetting(
  row: SettingRow,
  settings: SettingValues,
  question: SettingQuestion,
): Promise<unknown> {
  const { setting, title, help } = row;
  if (setting.input === 'text') return askTyped(row, settings, question);
  const current = settings[row.field as keyof SettingValues];
  const items =
    setting.input === 'weights'
      ? modelItems(settings.baseModel, await question.weights)
      : setting.input === 'score'
        ? scoreItems(settings.rankingMetric, (await question.pluginScores?.()) ?? [])
        : choiceItems(setting.choices);
  const item = await pickItem<ValueItem>({
    ...place(question),
    title: `${question.title}: ${title}`,
    items,
    active: items.find(({ value }) => value === current),
    placeholder: help,
  });
  if (item === back || item.kind === vscode.QuickPickItemKind.Separator) return back;
  if (item.value === browseFile) return browseWeights();
  if (item.value === typeValue) return askTyped(row, settings, question);
  return item.value;
}

function place({ title, step, totalSteps }: SettingQuestion): Place {
  return { title, step, totalSteps, canGoBack: true };
}

/** A value is shown by its title; an id stands beside it. */
function choiceItems(choices: readonly SettingChoice[] = []): readonly ValueItem[] {
  return choices.map(({ value, title, help }) => ({
    label: title === undefined ? String(value) : vscode.l10n.t(title),
    ...(typeof value === 'string' && title !== undefined ? { description: value } : {}),
    ...(help === undefined ? {} : { detail: vscode.l10n.t(help) }),
    value,
  }));
}

/** The built-in scores, those of plug-ins, and the current one even if its plug-in is missing. */
export function scoreItems(current: string, plugins: readonly PluginScore[]): readonly ValueItem[] {
  const items = [...choiceItems(sessionSettings.rankingMetric.choices)];
  // The author of a plug-in wrote these texts; they have no translation.
  for (const { id, title, description } of plugins) {
    items.push({ icon: 'extensions', label: title, description: id, detail: description, value: id });
  }
  if (!items.some(({ value }) => value === current)) items.push({ label: current, value: current });
  return [
    ...items,
    { icon: 'edit', label: vscode.l10n.t('Type the id of a score plug-in…'), value: typeValue, alwaysShow: true },
  ];
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
    separator(vscode.l10n.t('Published weights; downloaded with your consent when training starts')),
    ...published.map(({ name, detail }) => ({ label: name, detail, value: name })),
    separator(vscode.l10n.t('From scratch')),
    ...scratch.map(({ name, detail }) => ({ label: name, detail, value: name })),
    separator(''),
    { icon: 'folder-opened', label: vscode.l10n.t('Choose a .pt file…'), value: browseFile, alwaysShow: true },
    { icon: 'edit', label: vscode.l10n.t('Type a name or a path…'), value: typeValue, alwaysShow: true },
  ];
}

async function browseWeights(): Promise<string | typeof back> {
  const [file] =
    (await vscode.window.showOpenDialog({
      openLabel: vscode.l10n.t('Select'),
      filters: { [vscode.l10n.t('YOLO weights and architectures')]: ['pt', 'yaml', 'yml'] },
    })) ?? [];
  return file === undefined ? back : file.fsPath;
}

async function askTyped(
  { field, setting, help }: SettingRow,
  settings: SettingValues,
  question: SettingQuestion,
): Promise<unknown> {
  const typed = await askText({
    ...place(question),
    value: setting.format(settings[field as keyof SettingValues]),
    prompt: help,
    validate: (text) => {
      if (field === 'name') return nameProblem(text, question.takenNames);
      const read = parseValue(setting, text);
      return read.ok ? null : sentence(read.message);
    },
  });
  if (typed === back) return back;
  const read = parseValue(setting, typed);
  return read.ok ? read.value : back;
}

/** Why a session cannot have this name; `null` if it can. */
export function nameProblem(name: string, taken: readonly string[]): string | null {
  const read = parseValue(sessionSettings.name, name);
  if (!read.ok) return sentence(read.message);
  return taken.includes(name.trim()) ? vscode.l10n.t('A session with this name already exists.') : null;
}

/** An error message as an input box shows it: with a capital letter. */
function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
