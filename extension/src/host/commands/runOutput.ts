import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { visibleText } from '../../core/text/escapeText.ts';
import type { Folders, OpenFolder } from '../services.ts';

const scheme = 'active-learning-output';

/** Shows what a training told as a document to read: the run folder keeps it as JSON lines. */
export function registerRunOutput(folders: Folders): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async ({ query }) => {
      const [folderUri = '', runId = ''] = query.split('\n');
      const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === folderUri);
      const open = folder === undefined ? null : await folders.open(folder, false);
      const run = open === null ? null : await open.ports.store.runs.get(runId);
      return open === null || run === null
        ? vscode.l10n.t('This training is no longer here.')
        : outputOf(open.ports.runsFolder, run.id);
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

/** The end of what a trainer printed: its log may be of any size. */
const logBytes = 1024 * 1024;
const logLines = 10_000;

/** Of the files of the run itself, whatever the database says where they are; links are not followed. */
async function outputOf(runsFolder: string, runId: string): Promise<string> {
  const { createEventReader } = await import('../../adapters/training/events.ts');
  const { nodeFiles } = await import('../../adapters/python/fileOps.ts');
  const { runPaths } = await import('../../adapters/training/runFolder.ts');
  const { refuseLinks } = await import('../../adapters/platform/privateFiles.ts');
  const { readLogTail } = await import('../../adapters/python/logTail.ts');
  const { runOutputText } = await import('../text/runOutputText.ts');
  const paths = runPaths(runsFolder, runId);
  refuseLinks(dirname(runsFolder), paths.folder);
  const problems: string[] = [];
  const reader = createEventReader(nodeFiles, paths.events, (problem) => problems.push(problem));
  const events = runOutputText(await reader.read());
  // Without a terminal the trainer prints into a file; there is the reason of a crash that no event tells.
  const printed = await readLogTail(nodeFiles, paths.log, logLines, logBytes);
  const parts = [events, problems.join('\n'), printed === '' ? '' : `trainer.log\n\n${printed}\n`];
  const text = parts.filter((part) => part !== '').join('\n');
  return text === '' ? vscode.l10n.t('This training has told nothing yet.') : visibleText(text);
}
