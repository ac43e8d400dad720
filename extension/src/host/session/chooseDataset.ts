import * as vscode from 'vscode';
import type { DatasetSource } from '../../core/dataset/types.ts';
import { Dismissed } from '../dismissed.ts';
import type { DatasetCandidate } from './datasetCandidates.ts';
import { findDatasets } from './datasetSearch.ts';
import { askText, back, pickItem } from './multiStep.ts';

interface DatasetItem extends vscode.QuickPickItem {
  readonly choice?: DatasetCandidate | 'browse-yaml' | 'browse-folder';
}

interface Steps {
  readonly title: string;
  readonly step?: number;
  readonly totalSteps?: number;
}

/**
 * Asks which dataset: one that was found in the folder, or one somewhere else. A plain folder needs class names.
 * @throws Dismissed
 */
export async function chooseDataset(
  folder: vscode.WorkspaceFolder,
  steps: Steps = { title: vscode.l10n.t('Choose the Dataset') },
): Promise<DatasetSource> {
  const place = { title: steps.title, step: steps.step, totalSteps: steps.totalSteps };
  for (;;) {
    const item = await pickItem<DatasetItem>({
      ...place,
      canGoBack: false,
      items: datasetItems(folder, await findDatasets(folder)),
      placeholder: vscode.l10n.t('Which images? Choose a dataset, or a folder of images'),
    });
    if (item === back || item.choice === undefined) continue;
    const choice = item.choice;
    if (choice === 'browse-yaml' || choice === 'browse-folder') {
      const path = await browse(folder, choice === 'browse-yaml');
      if (path === undefined) continue;
      if (choice === 'browse-yaml') return { kind: 'yaml', path, poolFolders: [] };
      const source = await withClasses(path, place);
      if (source !== back) return source;
      continue;
    }
    const path = vscode.Uri.file(choice.path).fsPath;
    if (choice.kind === 'yaml') return { kind: 'yaml', path, poolFolders: [] };
    const source = await withClasses(path, place);
    if (source !== back) return source;
  }
}

function datasetItems(folder: vscode.WorkspaceFolder, found: readonly DatasetCandidate[]): DatasetItem[] {
  const items: DatasetItem[] = found.map((choice) => {
    const relative = vscode.workspace.asRelativePath(vscode.Uri.file(choice.path), false);
    return choice.kind === 'yaml'
      ? { label: `$(database) ${relative}`, description: vscode.l10n.t('dataset'), choice }
      : {
          label: `$(folder) ${relative === choice.path ? folder.name : relative}`,
          description: vscode.l10n.t('{0} images without a data.yaml', choice.images),
          choice,
        };
  });
  return [
    ...items,
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: `$(file) ${vscode.l10n.t('Choose a data.yaml…')}`, choice: 'browse-yaml', alwaysShow: true },
    {
      label: `$(folder-opened) ${vscode.l10n.t('Choose a folder of images…')}`,
      choice: 'browse-folder',
      alwaysShow: true,
    },
  ];
}

async function browse(folder: vscode.WorkspaceFolder, yaml: boolean): Promise<string | undefined> {
  const [place] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: yaml,
      canSelectFolders: !yaml,
      openLabel: vscode.l10n.t('Use This'),
      defaultUri: folder.uri,
      ...(yaml ? { filters: { YAML: ['yaml', 'yml'] } } : {}),
    })) ?? [];
  return place?.fsPath;
}

async function withClasses(
  path: string,
  place: { title: string; step: number | undefined; totalSteps: number | undefined },
): Promise<DatasetSource | typeof back> {
  const typed = await askText({
    ...place,
    canGoBack: true,
    value: '',
    prompt: vscode.l10n.t('The classes to detect, in the order of their ids, separated by commas'),
    placeholder: vscode.l10n.t('scratch, dent, missing screw'),
    validate: (text) => classNamesProblem(parseClassNames(text)),
  });
  if (typed === back) return back;
  return { kind: 'folder', path, classNames: parseClassNames(typed), poolFolders: [] };
}

function parseClassNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function classNamesProblem(names: readonly string[]): string | null {
  if (names.length === 0) return vscode.l10n.t('Name at least one class.');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? null : vscode.l10n.t('"{0}" is there twice.', twice);
}

/** Further folders of unlabelled images. @throws Dismissed */
export async function choosePoolFolders(
  folder: vscode.WorkspaceFolder,
  before: readonly string[],
): Promise<readonly string[]> {
  const places = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Further Folders of Unlabelled Images'),
    canSelectFiles: false,
    canSelectFolders: true,
    canSelectMany: true,
    openLabel: vscode.l10n.t('Add'),
    defaultUri: folder.uri,
  });
  if (places === undefined) throw new Dismissed();
  return [...new Set([...before, ...places.map(({ fsPath }) => fsPath)])];
}
