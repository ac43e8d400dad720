import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { l10nBundle } from '../../scripts/lib/l10nBundle.ts';
import { generateManifest } from '../src/host/contributes/manifest.ts';
import {
  changeClassCommandIds,
  commandIds,
  contextKeys,
  reviewCommandIds,
  viewIds,
  walkthroughId,
} from '../src/host/ids.ts';
import { markerName } from '../src/host/workspace/storageMarker.ts';
import { contributes, manifest, manifestText, root, texts, words } from './support/manifest.ts';
import { trainProblemMatcher, trainTaskType } from '../src/host/tasks/trainDefinition.ts';

const contributed = contributes.commands.map(({ command }) => command);
const inCode = [...Object.values(commandIds), ...Object.values(reviewCommandIds), ...changeClassCommandIds];

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') && !entry.name.includes('.test.') ? [path] : [];
  });
}
/** The code of the host without the tables that the manifest is generated from. */
const hostCode = sources(join(root, 'extension/src/host'))
  .filter((path) => !path.includes(join('host', 'contributes')))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

/** The commands that a text links to, such as `[Open](command:some.id)`. */
function linked(text: string): string[] {
  return [...text.matchAll(/\(command:([\w.]+)/g)].map((match) => match[1] ?? '');
}
const own = (command: string): boolean => command.startsWith('activeLearning.');

/** The kinds of tree items whose menu offers a command. */
function rows(command: string): (string | undefined)[] {
  return (contributes.menus['view/item/context'] ?? [])
    .filter((item) => item.command === command)
    .map(({ when }) => /viewItem =~ \/\^(\w+);/.exec(when ?? '')?.[1]);
}

describe('generated parts', () => {
  const generated = generateManifest();

  test('`contributes` of package.json equals the tables (otherwise run "npm run manifest")', () => {
    expect(contributes).toEqual(generated.contributes);
  });

  test('package.nls.json equals the texts of the tables (otherwise run "npm run manifest")', () => {
    expect(texts).toEqual(generated.texts);
  });
});

describe('commands', () => {
  test('every contributed command has a handler, and every handler is contributed', () => {
    const table = readFileSync(join(root, 'extension/src/host/commands/table.ts'), 'utf8');
    const handled = [...table.matchAll(/\[commandIds\.(\w+)\]: \w+,/g)].map((match) => match[1] ?? '');
    expect(contributed.toSorted()).toEqual(inCode.toSorted());
    expect(handled.toSorted()).toEqual(Object.keys(commandIds).toSorted());
    expect(new Set(contributed).size).toBe(contributed.length);
  });

  test.each(contributes.commands)('$command has a title, the category and an enablement', (command) => {
    expect(words(command.title)).not.toBe('');
    expect(words(command.category)).toBe('Active Learning');
    expect(command.enablement).toBeTypeOf('string');
  });

  test('command titles are unique in the palette', () => {
    const titles = contributes.commands.map(({ title }) => words(title));
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('menus, keybindings and links refer to existing commands', () => {
    const named = [
      ...Object.values(contributes.menus)
        .flat()
        .map(({ command }) => command),
      ...contributes.keybindings.map(({ command }) => command),
      ...contributes.viewsWelcome.flatMap(({ contents }) => linked(words(contents))),
      ...contributes.walkthroughs.flatMap(({ steps }) =>
        steps.flatMap(({ description, completionEvents }) => [
          ...linked(words(description)),
          ...completionEvents.map((event) => event.replace('onCommand:', '')),
        ]),
      ),
    ];
    expect(named.filter((command) => own(command) && !contributed.includes(command))).toEqual([]);
  });

  test('a model version in the tree exports itself; a session exports its best version', () => {
    expect(new Set(rows(commandIds.modelExport))).toEqual(new Set(['session']));
    expect(new Set(rows(commandIds.modelExportVersion))).toEqual(new Set(['model']));
  });
});

describe('texts', () => {
  test('every %key% has a text, and every text is used', () => {
    const used = [...manifestText.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1] ?? '');
    expect(used.filter((key) => !texts[key])).toEqual([]);
    expect(Object.keys(texts).filter((key) => !used.includes(key))).toEqual([]);
  });

  test('the bundle for translators is up to date', async () => {
    const bundle = JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.json'), 'utf8')) as Record<string, string>;
    expect(bundle).toEqual(await l10nBundle());
  });
});

describe('views', () => {
  test('the view and its container equal those of the code', () => {
    expect(contributes.views[viewIds.container]?.map(({ id }) => id)).toEqual([viewIds.sessions]);
    expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual([viewIds.container]);
  });

  test('every reason for an empty view has a welcome text with a unique condition', () => {
    const conditions = contributes.viewsWelcome.map(({ when }) => when);
    for (const reason of [
      'workspaceFolderCount == 0',
      '!isWorkspaceTrusted',
      'no-dataset',
      'no-session',
      'missing',
      'error',
    ]) {
      expect(
        conditions.filter((when) => when.includes(reason)),
        reason,
      ).not.toEqual([]);
    }
    expect(new Set(conditions).size).toBe(conditions.length);
    expect(contributes.viewsWelcome.every(({ view }) => view === viewIds.sessions)).toBe(true);
  });

  test('when clauses use context keys that the code sets', () => {
    const asked = [...manifestText.matchAll(/activeLearning:[\w.]+/g)].map((match) => match[0]);
    const set = Object.values(contextKeys) as string[];
    expect([...new Set(asked)].filter((key) => !set.includes(key))).toEqual([]);
    const unset = Object.keys(contextKeys).filter((name) => !hostCode.includes(`contextKeys.${name}`));
    expect(unset).toEqual([]);
    expect(set.filter((key) => !asked.includes(key))).toEqual([]);
    // All context keys are in the table, so that none is set without being used.
    expect(hostCode.match(/setContext',\s*'/g)).toBeNull();
    expect([...hostCode.matchAll(/'(activeLearning:[\w.]+)'/g)].map((match) => match[1])).toEqual(
      expect.arrayContaining(set),
    );
    expect([...hostCode.matchAll(/'(activeLearning:[\w.]+)'/g)].length).toBe(set.length);
  });

  test('pictures exist; the Marketplace rejects an SVG as icon', () => {
    const pictures = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg)),
      ...['review', 'metrics'].flatMap((panel) =>
        ['light', 'dark'].map((theme) => `media/panels/${panel}-${theme}.svg`),
      ),
    ];
    expect(pictures.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const png = readFileSync(join(root, manifest.icon));
    expect(png.readUInt32BE(16)).toBeGreaterThanOrEqual(128);
    expect(png.readUInt32BE(20)).toBe(png.readUInt32BE(16));
  });

  test('the pictures of the walkthrough use theme colours', () => {
    for (const step of contributes.walkthroughs.flatMap(({ steps }) => steps)) {
      const svg = readFileSync(join(root, step.media.svg), 'utf8');
      expect(svg.match(/#[0-9a-f]{3,8}\b/gi), step.id).toBeNull();
      expect(svg, step.id).toContain('var(--vscode-');
    }
    expect(contributes.walkthroughs.map(({ id }) => id)).toEqual([walkthroughId]);
  });
});

describe('tasks', () => {
  test('the task type and problem matcher equal those of the code', () => {
    expect(contributes.taskDefinitions).toMatchObject([{ type: trainTaskType, required: ['run'] }]);
    expect(contributes.problemMatchers.map(({ name }) => `$${name}`)).toEqual([trainProblemMatcher]);
    expect(contributes.problemMatchers[0]?.pattern).toBe(`$${contributes.problemPatterns[0]?.name}`);
  });

  test('the patterns match what the trainer prints', () => {
    const pattern = new RegExp(contributes.problemPatterns[0]?.regexp ?? '^$');
    expect(pattern.exec('ERROR /data/my labels/a.txt:12: 3 values instead of 5')?.slice(1)).toEqual([
      '/data/my labels/a.txt',
      '12',
      '3 values instead of 5',
    ]);
    expect(pattern.exec('ERROR C:\\data\\a.txt:1: broken')?.[1]).toBe('C:\\data\\a.txt');
    const { beginsPattern, endsPattern } = contributes.problemMatchers[0]?.background ?? {};
    expect('al-trainer: training started').toMatch(new RegExp(beginsPattern ?? '^$'));
    expect('al-trainer: training finished').toMatch(new RegExp(endsPattern ?? '^$'));
    expect('al-trainer: training failed').toMatch(new RegExp(endsPattern ?? '^$'));
  });
});

describe('activation', () => {
  test('panels, tasks and workspaces with sessions activate the extension; nothing activates it everywhere', () => {
    expect(manifest.activationEvents.toSorted()).toEqual([
      `onTaskType:${trainTaskType}`,
      'onWebviewPanel:activeLearning.grid',
      'onWebviewPanel:activeLearning.metrics',
      'onWebviewPanel:activeLearning.review',
      'workspaceContains:.active-learning/sessions.db',
      `workspaceContains:.active-learning/${markerName}`,
    ]);
    const panels = manifest.activationEvents.filter((event) => event.startsWith('onWebviewPanel:'));
    const viewTypes = panels.map((event) => event.replace('onWebviewPanel:', ''));
    expect(viewTypes.filter((viewType) => !hostCode.includes(`'${viewType}'`))).toEqual([]);
  });

  test('it runs where the files are, and on the VS Code version of its types', () => {
    expect(manifest.extensionKind).toEqual(['workspace']);
    expect(manifest.engines['vscode']).toBe(`^${manifest.devDependencies['@types/vscode']}`);
    expect(manifest).toMatchObject({ type: 'module', main: './dist/extension.js' });
  });

  test('the storage folder is excluded from file watching and search', () => {
    expect(contributes.configurationDefaults['files.watcherExclude']).toEqual({ '**/.active-learning/**': true });
    expect(contributes.configurationDefaults['search.exclude']).toEqual({ '**/.active-learning': true });
  });
});
