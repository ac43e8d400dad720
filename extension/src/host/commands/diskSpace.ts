import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { CommandHandler, HostContext } from '../context.ts';
import { folderSize, sizeText } from '../environment/diskSpace.ts';
import { removeEnvironment } from '../environment/leftovers.ts';
import { finishedEnvironments } from '../environment/places.ts';
import { isInside } from '../paths.ts';
import { back, pickItem } from '../session/multiStep.ts';
import { showProgress, showWarning, type ListRow } from '../ui/window.ts';
import { requireTrust } from './targets.ts';

/** Files that this extension stores on disk. */
interface Kept {
  readonly label: string;
  readonly path: string;
  readonly bytes: number;
  /** Why it cannot be deleted here, if so. */
  readonly reason?: string;
  /** What the user loses, for the confirmation. */
  readonly loss: string;
  readonly icon: string;
}

interface KeptRow extends ListRow {
  readonly kept?: Kept;
}

/** "Manage Disk Space": shows the size of environments, caches and trainings, and deletes what can be created again. */
export const manageDiskSpace: CommandHandler = async (host) => {
  await requireTrust();
  for (;;) {
    const kept = await showProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Measuring disk space') },
      async () => [...(await environments(host)), ...(await storages(host))],
    );
    const total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    const item = await pickItem<KeptRow>({
      title: vscode.l10n.t('Disk Space of Active Learning: {0}', sizeText(total)),
      canGoBack: false,
      items: kept.length === 0 ? [{ label: vscode.l10n.t('Nothing to delete') }] : kept.map(row),
      placeholder: vscode.l10n.t('Select what to delete. Uninstalling keeps all files.'),
    });
    if (item === back || item.kept === undefined) return;
    await remove(host, item.kept);
  }
};

function row(kept: Kept): KeptRow {
  const { label, bytes, path, reason, icon } = kept;
  const description = reason === undefined ? sizeText(bytes) : `${sizeText(bytes)} · ${reason}`;
  return { icon, label, description, detail: path, kept };
}

async function environments(host: HostContext): Promise<Kept[]> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const inUse = folders.flatMap((folder) => host.environment.remembered(folder) ?? []);
  const all = finishedEnvironments(host.environment.environmentsFolder).toReversed();
  return Promise.all(
    all.map(async (path) => ({
      icon: 'package',
      label: vscode.l10n.t('Training environment of {0}', dateOf(basename(path))),
      path,
      bytes: await folderSize(path),
      loss: inUse.some((python) => isInside(path, python))
        ? vscode.l10n.t('This workspace uses this environment. The next training will need another one.')
        : vscode.l10n.t('Other workspaces may be using this environment and would need another one.'),
      ...(host.runner.current === null ? {} : { reason: vscode.l10n.t('a training is running') }),
    })),
  );
}

/** `20261130174500` as `2026-11-30`. */
function dateOf(name: string): string {
  return /^(\d{4})(\d{2})(\d{2})/.exec(name)?.slice(1).join('-') ?? name;
}

async function storages(host: HostContext): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const folder of await host.folders.openAll()) {
    // What is only looked at is nobody's to delete here.
    if (folder.browseOnly) continue;
    const { name } = folder.folder;
    const storage = folder.storage.fsPath;
    const busy = host.runner.current?.ref.folder === folder ? { reason: vscode.l10n.t('a training is running') } : {};
    const cache = join(storage, 'cache');
    const cached = await folderSize(cache);
    if (cached > 0) {
      kept.push({
        icon: 'history',
        label: vscode.l10n.t('Cache of {0}', name),
        path: cache,
        bytes: cached,
        loss: vscode.l10n.t('Thumbnails and embeddings are created again when needed.'),
        ...busy,
      });
    }
    const names = (await readdir(storage)).filter((entry) => entry !== 'cache');
    const sizes = await Promise.all(names.map((entry) => folderSize(join(storage, entry))));
    kept.push({
      icon: 'database',
      label: vscode.l10n.t('Sessions and models of {0}', name),
      path: storage,
      bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
      loss: '',
      reason: vscode.l10n.t('delete sessions in the sidebar'),
    });
  }
  return kept;
}

async function remove(host: HostContext, { label, path, bytes, reason, loss }: Kept): Promise<void> {
  if (reason !== undefined) {
    await showWarning(vscode.l10n.t('Cannot delete {0} here: {1}.', label, reason), { modal: true });
    return;
  }
  const yes = vscode.l10n.t('Delete');
  const question = vscode.l10n.t('Delete {0} ({1})?', label, sizeText(bytes));
  if ((await showWarning(question, { modal: true, detail: `${path}\n\n${loss}` }, yes)) !== yes) return;
  if (isInside(host.environment.environmentsFolder, path)) {
    await removeEnvironment(path, host.log);
    await host.environment.forget();
  } else {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}
