import * as vscode from 'vscode';
import { back, orBack, pickItem, pickOrPress, type Place } from './multiStep.ts';
import type { ExtraRow } from './settingsList.ts';
import type { ListRow } from '../ui/window.ts';

/** The id of the row that opens the list of folders. */
const poolFoldersId = 'pools';

/** The row in the list of settings that opens the list of folders. */
export function poolFoldersRow(folders: readonly string[]): ExtraRow {
  return {
    id: poolFoldersId,
    label: vscode.l10n.t('Further folders of unlabelled images'),
    description: folders.length === 0 ? vscode.l10n.t('none') : folders.map(folderText).join(', '),
  };
}

interface FolderItem extends ListRow {
  readonly choice: 'done' | 'add' | { readonly path: string; readonly fixed: boolean };
}

/**
 * Lets the user add and remove folders of unlabelled images. Reads and stores nothing.
 * @param fixed folders that other sessions use; the user cannot remove them here.
 * @returns the folders without the fixed ones, however the user leaves the list.
 */
export async function editPoolFolders(
  workspace: vscode.WorkspaceFolder,
  before: readonly string[],
  place: Omit<Place, 'canGoBack'>,
  fixed: readonly string[] = [],
): Promise<readonly string[]> {
  let folders = before.filter((path) => !fixed.includes(path));
  for (;;) {
    const items = folderItems(folders, fixed);
    const picked = await orBack(
      pickOrPress<FolderItem>({
        ...place,
        canGoBack: true,
        items,
        active: folders.length + fixed.length === 0 ? items.find(({ choice }) => choice === 'add') : undefined,
        accepts: ({ choice }) => typeof choice === 'string' || !choice.fixed,
        placeholder: vscode.l10n.t(
          'Images of these folders can be selected too; sessions of the same dataset share them',
        ),
      }),
    );
    if (picked === back || picked.item.choice === 'done') return folders;
    const { choice } = picked.item;
    if (choice === 'add') folders = [...new Set([...folders, ...(await browse(workspace))])];
    else if (picked.kind === 'pressed' || (await isToGo(choice.path, place))) {
      folders = folders.filter((path) => path !== choice.path);
    }
  }
}

function folderItems(folders: readonly string[], fixed: readonly string[]): FolderItem[] {
  const remove = { iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Remove') };
  return [
    { icon: 'check', label: vscode.l10n.t('Done'), choice: 'done', alwaysShow: true },
    ...fixed.map((path) => ({
      icon: 'folder',
      label: folderText(path),
      description: vscode.l10n.t('used by other sessions; it can be removed in "Edit Session"'),
      choice: { path, fixed: true },
    })),
    ...folders.map((path) => ({
      icon: 'folder',
      label: folderText(path),
      buttons: [remove],
      choice: { path, fixed: false },
    })),
    { icon: 'add', label: vscode.l10n.t('Add…'), choice: 'add', alwaysShow: true },
  ];
}

/** Asks before the removal, for users whose keyboard cannot reach the buttons of a row. */
async function isToGo(path: string, place: Omit<Place, 'canGoBack'>): Promise<boolean> {
  const remove = { label: vscode.l10n.t('Remove') };
  const keep = { label: vscode.l10n.t('Keep') };
  const picked = await orBack(
    pickItem({
      ...place,
      canGoBack: true,
      items: [remove, keep],
      placeholder: vscode.l10n.t(
        'Remove {0}? Its images are no longer chosen, trained on or measured with; label files and history stay',
        folderText(path),
      ),
    }),
  );
  return picked === remove;
}

async function browse(workspace: vscode.WorkspaceFolder): Promise<readonly string[]> {
  const places = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Further Folders of Unlabelled Images'),
    canSelectFiles: false,
    canSelectFolders: true,
    canSelectMany: true,
    openLabel: vscode.l10n.t('Add'),
    defaultUri: workspace.uri,
  });
  return (places ?? []).map(({ fsPath }) => fsPath);
}

/** A workspace folder by its relative path. */
function folderText(path: string): string {
  return vscode.workspace.asRelativePath(path, false);
}
