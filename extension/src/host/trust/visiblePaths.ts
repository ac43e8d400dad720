import * as vscode from 'vscode';
import { isReallyBelow } from '../../adapters/storage/visiblePlaces.ts';
import type { FolderContext } from '../workspace/folderContext.ts';

/**
 * Whether a path from the database may be shown: any path of trusted sessions, otherwise only paths that are inside the
 * workspace after links are resolved.
 */
export async function mayShowPath({ browseOnly }: Pick<FolderContext, 'browseOnly'>, path: string): Promise<boolean> {
  const workspace = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  return !browseOnly || isReallyBelow(workspace, path);
}
