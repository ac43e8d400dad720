import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { root } from './paths.mjs';

function sources(folder) {
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
function hostTexts() {
  const contents = sources('extension/src/host')
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .filter((text) => /\bl10n\.t\(/.test(text))
    .map((text) => text.replace(/^import [^;]*;$/gm, ''));
  return `import * as vscode from 'vscode';\nimport { l10n } from 'vscode';\n${contents.join('\n')}`;
}

/** Texts that the pages ask for by their English wording: every string of those lists. */
async function pageTexts() {
  const texts = [];
  for (const [file, name] of [
    ['reviewStrings', 'reviewStrings'],
    ['metricsStrings', 'metricsStrings'],
  ]) {
    const path = join(root, 'extension/src/protocol', `${file}.ts`);
    if (!existsSync(path)) continue;
    const list = (await import(path))[name];
    texts.push(...(Array.isArray(list) ? list : Object.values(list)));
  }
  return texts.filter((text) => typeof text === 'string');
}

/** What the scores are called and what they tell: the host asks for it by its English wording. */
async function metricTexts() {
  const { builtInMetrics } = await import(join(root, 'extension/src/core/uncertainty/registry.ts'));
  return builtInMetrics.flatMap(({ title, description }) => [title, description]);
}

/** Why something cannot be done now: the host asks for it by its English wording too. */
async function obstacleWords() {
  const { obstacleTexts } = await import(join(root, 'extension/src/core/session/obstacles.ts'));
  return Object.values(obstacleTexts);
}

/** The texts of session settings: the host asks for them by their English wording. */
export async function settingTexts(table) {
  const { groupTitles, sessionSettings } = await import(join(root, 'extension/src/core/session/sessionSettings.ts'));
  const settings = Object.values(table ?? sessionSettings).flatMap(({ title, help, titles = {}, choices = [] }) => [
    title,
    help,
    ...Object.values(titles),
    ...choices.flatMap((choice) => [choice.title, choice.help]),
  ]);
  return [...Object.values(groupTitles), ...settings].filter((text) => text !== undefined);
}

/** Every text of the extension and its pages, by its English wording, sorted. */
export async function l10nBundle() {
  const bundle = await getL10nJson([{ extension: '.ts', contents: hostTexts() }]);
  const listed = await Promise.all([pageTexts(), metricTexts(), obstacleWords(), settingTexts()]);
  for (const text of listed.flat()) bundle[text] ??= text;
  return Object.fromEntries(Object.entries(bundle).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
