import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { obstacleTexts } from '../../extension/src/core/session/obstacles.ts';
import type { Setting } from '../../extension/src/core/session/setting.ts';
import { groupTitles, sessionSettings } from '../../extension/src/core/session/sessionSettings.ts';
import { gridStrings } from '../../extension/src/protocol/gridStrings.ts';
import { metricsStrings } from '../../extension/src/protocol/metricsStrings.ts';
import { reviewStrings } from '../../extension/src/protocol/reviewStrings.ts';
import { builtInScores } from '../../extension/src/core/uncertainty/registry.ts';
import { root } from '../begin/paths.mjs';

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') && !entry.name.includes('.test.') ? [path] : [];
  });
}

/**
 * All calls in one text: the exporter takes a quarter of a second for each file. It looks for an import of `l10n`, which
 * functions that get it as an argument do not have.
 */
function hostTexts(): string {
  const contents = sources('extension/src/host')
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .filter((text) => /\bl10n\.t\(/.test(text))
    .map((text) => text.replace(/^import [^;]*;$/gm, ''));
  return `import * as vscode from 'vscode';\nimport { l10n } from 'vscode';\n${contents.join('\n')}`;
}

/** Texts that the pages ask for by their English wording: every string of those lists. */
function pageTexts(): string[] {
  return [reviewStrings, metricsStrings, gridStrings].flatMap((texts) => Object.values(texts));
}

/** Titles and descriptions of the scores: the host asks for them by their English wording. */
function scoreTexts(): string[] {
  return builtInScores.flatMap(({ title, description }) => [title, description]);
}

/** Reasons why a command cannot run now: the host asks for them by their English wording too. */
function obstacleWords(): string[] {
  return Object.values(obstacleTexts);
}

/** The texts that a setting has. */
type SettingTexts = Pick<Setting, 'title' | 'help' | 'titles' | 'choices'>;

/** The texts of session settings: the host asks for them by their English wording. */
export function settingTexts(table: Readonly<Record<string, SettingTexts>> = sessionSettings): string[] {
  const settings = Object.values(table).flatMap(({ title, help, titles = {}, choices = [] }) => [
    title,
    help,
    ...Object.values(titles),
    ...choices.flatMap((choice) => [choice.title, choice.help]),
  ]);
  return [...Object.values(groupTitles), ...settings].filter((text) => text !== undefined);
}

/** Every text of the extension and its pages, by its English wording, sorted. */
export async function l10nBundle(): Promise<Record<string, string>> {
  const calls = await getL10nJson([{ extension: '.ts', contents: hostTexts() }]);
  const bundle: Record<string, string> = Object.fromEntries(
    Object.entries(calls).map(([key, value]) => [key, typeof value === 'string' ? value : value.message]),
  );
  const listed = [pageTexts(), scoreTexts(), obstacleWords(), settingTexts()];
  for (const text of listed.flat()) bundle[text] ??= text;
  return Object.fromEntries(Object.entries(bundle).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
