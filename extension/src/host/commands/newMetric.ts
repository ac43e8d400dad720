import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import * as vscode from 'vscode';
import { metricId } from '../../core/session/sessionSettings.ts';
import { builtInMetrics } from '../../core/uncertainty/registry.ts';
import { storageParent } from '../settings.ts';
import type { LiveFolder } from '../workspace/folderContext.ts';
import { Dismissed } from '../ui/userCancelled.ts';
import { chosenFolder, requireOwnStorage } from './targets.ts';
import type { CommandHandler } from './handler.ts';

/** Begins a metric plug-in: asks for its name, writes the example under it with the types beside it, and opens it. */
export const newMetricCommand: CommandHandler = async (host, argument) => {
  const folder = await chosenFolder(argument);
  await requireOwnStorage(host, folder);
  // Plug-ins are loaded while the person types: one that hangs may take seconds.
  const taken = takenIds(await host.folders.open(folder, false), folder);
  const id = await vscode.window.showInputBox({
    title: vscode.l10n.t('New Metric Plug-in'),
    prompt: vscode.l10n.t('The name of the score: lower-case letters, digits and hyphens'),
    placeHolder: 'cut-off',
    validateInput: async (typed) => problemOf(typed.trim(), await taken),
  });
  if (id === undefined) throw new Dismissed();
  // Made now if need be, with what keeps runs and caches out of a repository.
  const live = await host.folders.open(folder, true);
  if (live === null) throw new Dismissed();
  const [{ metricsFolder }, { productPaths }, { newPlugin }] = await Promise.all([
    import('../../composition/workspace.ts'),
    import('../../composition/productPaths.ts'),
    import('../../adapters/plugins/newPlugin.ts'),
  ]);
  const metrics = metricsFolder(live.storage.fsPath);
  const file = await newPlugin({ id: id.trim(), folder: metrics, examples: productPaths().plugin });
  await vscode.window.showTextDocument(vscode.Uri.file(file));
};

/** What is wrong with a name; null where nothing is. */
function problemOf(id: string, taken: ReadonlySet<string>): string | null {
  if (id === '') return vscode.l10n.t('The score needs a name.');
  if (!metricId.test(id)) {
    return vscode.l10n.t(
      'Lower-case letters, digits and hyphens, at most 64, beginning with a letter, such as cut-off.',
    );
  }
  return taken.has(id) ? vscode.l10n.t('There is a score "{0}" already.', id) : null;
}

/** Names that are in use: by built-in scores, by plug-ins, also those that are switched off, and by their files. */
async function takenIds(live: LiveFolder | null, folder: vscode.WorkspaceFolder): Promise<ReadonlySet<string>> {
  const ids = new Set(builtInMetrics.map(({ id }) => id));
  const metrics = join(live?.storage.fsPath ?? join(storageParent(folder), '.active-learning'), 'metrics');
  for (const name of await readdir(metrics).catch(() => [])) ids.add(parse(name).name);
  try {
    const run = await live?.ports.metricPlugins?.open();
    for (const { id } of run?.metrics ?? []) ids.add(id);
    for (const { id } of run?.faults ?? []) if (id !== null) ids.add(id);
    await run?.close();
  } catch {
    // Their names are known by their files; what is wrong with them is told when they should score.
  }
  return ids;
}
