import * as vscode from 'vscode';
import { compareClassNames } from '../../core/dataset/classNames.ts';
import type { DatasetSource } from '../../core/dataset/types.ts';
import type { DatasetCandidate } from './datasetCandidates.ts';
import { searchDatasets } from './datasetSearch.ts';
import { askText, back, pickItem } from './multiStep.ts';
import type { ListRow } from '../ui/window.ts';

interface DatasetItem extends ListRow {
  /** Absent in lines that are only information. */
  readonly choice?: DatasetCandidate | 'browse-yaml' | 'browse-folder';
}

/** A dataset that sessions of this workspace use. */
export interface KnownDataset {
  readonly source: DatasetSource;
  readonly classNames: readonly string[];
}

interface Options {
  readonly title: string;
  readonly step?: number;
  readonly totalSteps?: number;
  readonly known?: readonly KnownDataset[];
  /** The earlier answer, if the user came back to the question. */
  readonly before?: DatasetSource | undefined;
}

/** The progress of the search for datasets. */
type Search = 'running' | 'through' | 'failed';

/**
 * Asks for a dataset: one in the workspace folder, or one somewhere else. A plain folder needs class names. The list
 * opens at once, and fills during the search; if the search fails, the user can still choose a dataset elsewhere.
 * @returns the dataset without pool folders.
 * @throws UserCancelled
 */
export async function chooseDataset(
  folder: vscode.WorkspaceFolder,
  log: Pick<vscode.LogOutputChannel, 'warn'>,
  options: Options = { title: vscode.l10n.t('Choose the Dataset') },
): Promise<DatasetSource> {
  const { title, step, totalSteps } = options;
  let { before } = options;
  for (;;) {
    const item = await pickItem<DatasetItem>({
      title,
      step,
      totalSteps,
      canGoBack: false,
      items: datasetItems(folder, [], 'running'),
      accepts: ({ choice }) => choice !== undefined,
      placeholder: vscode.l10n.t('Which images? Choose a dataset, or a folder of images'),
      fill: async (show, signal) => {
        let found: readonly DatasetCandidate[] = [];
        const list = (search: Search): void => {
          const items = datasetItems(folder, found, search);
          const again = items.find(({ choice }) => typeof choice === 'object' && pathOf(choice) === before?.path);
          // A heading or an information line is not an answer.
          const first = search === 'running' ? undefined : items.find(({ choice }) => choice !== undefined);
          show(items, again ?? first);
        };
        const onFound = (candidates: readonly DatasetCandidate[]): void => {
          found = candidates;
          list('running');
        };
        try {
          await searchDatasets(folder, onFound, signal);
          list('through');
        } catch (error) {
          if (signal.aborted) return;
          log.warn(`Looking for datasets in ${folder.name}: ${String(error)}`);
          list('failed');
        }
      },
    });
    if (item === back || item.choice === undefined) continue;
    const source = await sourceOf(folder, item.choice, { ...options, before });
    if (source === undefined) continue;
    if (source.chosen) return source.chosen;
    before = source.considered;
  }
}

/** The result of a choice; `considered` if the user went back to choose again. */
async function sourceOf(
  folder: vscode.WorkspaceFolder,
  choice: NonNullable<DatasetItem['choice']>,
  options: Options,
): Promise<{ readonly chosen?: DatasetSource; readonly considered: DatasetSource } | undefined> {
  const browsed = typeof choice === 'string';
  const yaml = browsed ? choice === 'browse-yaml' : choice.kind === 'yaml';
  const path = browsed ? await browse(folder, yaml) : pathOf(choice);
  if (path === undefined) return undefined;
  if (yaml) {
    const source = { kind: 'yaml', path, poolFolders: [] } as const;
    return { chosen: source, considered: source };
  }
  const classNames = await askClasses(path, options);
  const source = { kind: 'folder', path, poolFolders: [] } as const;
  return classNames === back
    ? { considered: { ...source, classNames: [] } }
    : { chosen: { ...source, classNames }, considered: { ...source, classNames } };
}

function pathOf(choice: DatasetCandidate): string {
  return vscode.Uri.file(choice.path).fsPath;
}

function datasetItems(
  folder: vscode.WorkspaceFolder,
  found: readonly DatasetCandidate[],
  search: Search,
): DatasetItem[] {
  const items: DatasetItem[] = found.map((choice) => {
    const relative = vscode.workspace.asRelativePath(vscode.Uri.file(choice.path), false);
    return choice.kind === 'yaml'
      ? { icon: 'database', label: relative, description: vscode.l10n.t('dataset'), choice }
      : {
          icon: 'folder',
          label: relative === choice.path ? folder.name : relative,
          description: vscode.l10n.t('{0} images without a data.yaml', countText(choice)),
          choice,
        };
  });
  // The first row until there are others: Enter must not choose a row before the user sees the alternatives.
  if (search === 'running') {
    items.push({ icon: 'loading~spin', label: vscode.l10n.t('Looking for images…'), alwaysShow: true });
  } else if (search === 'failed') {
    items.push({
      icon: 'warning',
      label: vscode.l10n.t('The folder could not be searched. The log says why.'),
      alwaysShow: true,
    });
  }
  return [
    ...items,
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { icon: 'file', label: vscode.l10n.t('Choose a data.yaml…'), choice: 'browse-yaml', alwaysShow: true },
    {
      icon: 'folder-opened',
      label: vscode.l10n.t('Choose a folder of images…'),
      choice: 'browse-folder',
      alwaysShow: true,
    },
  ];
}

function countText({ images, more }: Extract<DatasetCandidate, { kind: 'folder' }>): string {
  const count = images.toLocaleString(vscode.env.language);
  return more === true ? `${count}+` : count;
}

async function browse(folder: vscode.WorkspaceFolder, yaml: boolean): Promise<string | undefined> {
  const [place] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: yaml,
      canSelectFolders: !yaml,
      openLabel: vscode.l10n.t('Select'),
      defaultUri: folder.uri,
      ...(yaml ? { filters: { YAML: ['yaml', 'yml'] } } : {}),
    })) ?? [];
  return place?.fsPath;
}

/** Asks for the classes of a plain folder, in the order of their ids; known ones are filled in. */
async function askClasses(
  path: string,
  { title, step, totalSteps, known = [], before }: Options,
): Promise<readonly string[] | typeof back> {
  const used = known.find(({ source }) => source.path === path)?.classNames;
  const typedBefore = before?.kind === 'folder' && before.path === path ? before.classNames : undefined;
  const offered = typedBefore !== undefined && typedBefore.length > 0 ? typedBefore : (used ?? []);
  const value = offered.join(', ');
  const read = (text: string): readonly string[] => (text === value ? offered : parseClassNames(text));
  const typed = await askText({
    title,
    step,
    totalSteps,
    canGoBack: true,
    value,
    prompt: vscode.l10n.t('The classes to detect, in the order of their ids, separated by commas'),
    placeholder: vscode.l10n.t('scratch, dent, missing screw'),
    validate: (text) => classNamesProblem(read(text), used),
  });
  return typed === back ? back : read(typed);
}

function parseClassNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function classNamesProblem(names: readonly string[], used: readonly string[] | undefined): string | null {
  if (names.length === 0) return vscode.l10n.t('Name at least one class.');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return vscode.l10n.t('"{0}" is listed twice.', twice);
  const change = used === undefined ? 'same' : compareClassNames(used, names).kind;
  if (used === undefined || change === 'same' || change === 'appended') return null;
  return vscode.l10n.t(
    'Other sessions use this folder with the classes {0}. Keep them in this order; new ones may follow.',
    used.join(', '),
  );
}
