import * as vscode from 'vscode';
import { isReallyBelow } from '../../adapters/storage/visiblePlaces.ts';
import type { OpenFolder } from '../services.ts';

/**
 * Whether a file or folder that a row of the database names may be shown: everything of sessions that the user trusts,
 * otherwise what really lies in the workspace.
 */
export async function maySee({ browseOnly }: Pick<OpenFolder, 'browseOnly'>, path: string): Promise<boolean> {
  const workspace = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  return !browseOnly || isReallyBelow(workspace, path);
}
