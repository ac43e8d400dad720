import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Folders, OpenFolder } from '../services.ts';

const scheme = 'active-learning-output';

/** Shows what a training told as a document to read: the run folder keeps it as JSON lines. */
export function registerRunOutput(folders: Folders): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async ({ query }) => {
      const [folderUri = '', runId = ''] = query.split('\n');
      const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === folderUri);
      const open = folder === undefined ? null : await folders.open(folder, false);
      const run = open === null ? null : await open.engine.store.runs.get(runId);
      return run === null ? vscode.l10n.t('This training is no longer here.') : outputOf(run.folder);
    },
  });
}

/** Opens the document of a run. @param title what its tab shows. */
export async function openRunOutput({ folder }: OpenFolder, runId: string, title: string): Promise<void> {
  const uri = vscode.Uri.from({
    scheme,
    path: `/${title.replace(/[\\/]/g, '-')}.log`,
    query: `${folder.uri.toString()}\n${runId}`,
  });
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}

async function outputOf(runFolder: string): Promise<string> {
  const { createEventReader } = await import('../../adapters/training/events.ts');
  const { nodeFiles, readTextIfThere } = await import('../../adapters/training/fileOps.ts');
  const { runOutputText } = await import('../text/runOutputText.ts');
  const problems: string[] = [];
  const reader = createEventReader(nodeFiles, join(runFolder, 'events.jsonl'), (problem) => problems.push(problem));
  const events = runOutputText(await reader.read());
  // Without a terminal the trainer prints into a file; there is the reason of a crash that no event tells.
  const printed = await readTextIfThere(nodeFiles, join(runFolder, 'trainer.log'));
  const parts = [events, problems.join('\n'), printed === null || printed === '' ? '' : `trainer.log\n\n${printed}`];
  const text = parts.filter((part) => part !== '').join('\n');
  return text === '' ? vscode.l10n.t('This training has told nothing yet.') : text;
}
