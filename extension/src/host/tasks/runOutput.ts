import * as vscode from 'vscode';
import type { FolderContext } from '../workspace/folderContext.ts';
import type { FolderRegistry } from '../workspace/folderRegistry.ts';

const scheme = 'active-learning-output';

/** Shows the output of a training as a text document; the run folder stores it as JSON lines. */
export function registerRunOutput(folders: FolderRegistry): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async ({ query }) => {
      const [folderUri = '', runId = ''] = query.split('\n');
      const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === folderUri);
      const opened = folder === undefined ? null : await folders.open(folder, false);
      const run = opened === null ? null : await opened.ports.store.runs.get(runId);
      if (opened === null || run === null) return vscode.l10n.t('This training no longer exists.');
      const { readRunOutput } = await import('./deferred.ts');
      const text = await readRunOutput(opened.ports.runsFolder, run.id);
      return text === '' ? vscode.l10n.t('This training has no output yet.') : text;
    },
  });
}

/** Opens the output of a run. @param title the title of the tab. */
export async function openRunOutput({ folder }: FolderContext, runId: string, title: string): Promise<void> {
  const uri = vscode.Uri.from({
    scheme,
    path: `/${title.replace(/[\\/]/g, '-')}.log`,
    query: `${folder.uri.toString()}\n${runId}`,
  });
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}
