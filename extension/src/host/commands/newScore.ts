import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import * as vscode from 'vscode';
import { newPlugin } from '../../adapters/plugins/newPlugin.ts';
import { productPaths } from '../../composition/productPaths.ts';
import { scorePluginsFolder } from '../../composition/workspace.ts';
import { scoreId } from '../../core/session/sessionSettings.ts';
import { builtInScores } from '../../core/uncertainty/registry.ts';
import type { CommandHandler } from '../context.ts';
import { storageParent } from '../settings.ts';
import type { FolderContext } from '../workspace/folderContext.ts';
import { UserCancelled } from '../ui/window.ts';
import { pickFolder, requireTrustedStorage } from './targets.ts';

/** Creates a score plug-in: asks for its name, writes the example and its types, and opens it. */
export const newScoreCommand: CommandHandler = async (host, argument) => {
  const folder = await pickFolder(argument);
  await requireTrustedStorage(host, folder);
  // Plug-ins load while the user types, since one that hangs may take seconds.
  const taken = takenIds(await host.folders.open(folder, false), folder);
  const id = await vscode.window.showInputBox({
    title: vscode.l10n.t('New Score Plug-in'),
    prompt: vscode.l10n.t('Name of the score: lowercase letters, digits and hyphens'),
    placeHolder: 'cut-off',
    validateInput: async (typed) => problemOf(typed.trim(), await taken),
  });
  if (id === undefined) throw new UserCancelled();
  // Creates the storage folder if needed, with the .gitignore for runs and caches.
  const live = await host.folders.open(folder, true);
  if (live === null) throw new UserCancelled();
  const scores = scorePluginsFolder(live.storage.fsPath);
  const file = await newPlugin({ id: id.trim(), folder: scores, examples: productPaths().plugin });
  await vscode.window.showTextDocument(vscode.Uri.file(file));
};

/** Why a name is invalid; null if it is valid. */
function problemOf(id: string, taken: ReadonlySet<string>): string | null {
  if (id === '') return vscode.l10n.t('Enter a name for the score.');
  if (!scoreId.test(id)) {
    return vscode.l10n.t(
      'Use up to 64 lowercase letters, digits and hyphens, starting with a letter, such as cut-off.',
    );
  }
  return taken.has(id) ? vscode.l10n.t('A score named "{0}" already exists.', id) : null;
}

/** Names in use: of built-in scores, of plug-ins including disabled ones, and of their files. */
async function takenIds(live: FolderContext | null, folder: vscode.WorkspaceFolder): Promise<ReadonlySet<string>> {
  const ids = new Set(builtInScores.map(({ id }) => id));
  const files = scorePluginsFolder(live?.storage.fsPath ?? join(storageParent(folder), '.active-learning'));
  for (const name of await readdir(files).catch(() => [])) ids.add(parse(name).name);
  try {
    const run = await live?.ports.scorePlugins?.open();
    for (const { id } of run?.scores ?? []) ids.add(id);
    for (const { id } of run?.faults ?? []) if (id !== null) ids.add(id);
    await run?.close();
  } catch {
    // Their files give the names; scoring reports what is wrong with them.
  }
  return ids;
}
