import { basename, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { ImageLocator } from '../../workflow/dataset/images.ts';
import { validationDetections } from '../../workflow/models/validationDetections.ts';
import type { RunOptions } from '../../workflow/ports/ports.ts';
import type { ImageRow } from '../../workflow/ports/store/images.ts';
import { openSampleOf } from '../../workflow/review/imageQueue.ts';
import type { CommandHandler } from '../context.ts';
import { commandIds } from '../ids.ts';
import { isInside } from '../paths.ts';
import { withProgress } from '../ui/progress.ts';
import {
  allSessions,
  chooseSession,
  requireFolder,
  requireTrust,
  requireWritable,
  showWithActions,
  type SessionTarget,
} from './targets.ts';

/**
 * "Review This Image": opens an image of the Explorer or of the active editor in the review editor, with its labels and
 * what the active model version sees on it.
 */
export const reviewImageCommand: CommandHandler = async (host, argument) => {
  await requireFolder();
  await requireTrust();
  const sessions = await allSessions(host);
  const uri = argument instanceof vscode.Uri ? argument : activeFile();
  if (uri === undefined) {
    await showWithActions(vscode.l10n.t('Open an image, or select one in the Explorer, to review it.'));
    return;
  }
  const found: (SessionTarget & { readonly image: ImageRow })[] = [];
  for (const target of sessions) {
    const image = await findImage(target, uri.fsPath);
    if (image !== null) found.push({ ...target, image });
  }
  if (found.length === 0) {
    await showWithActions(
      vscode.l10n.t('{0} is in the dataset of no session. If it is new, rescan the dataset.', basename(uri.fsPath)),
      { title: vscode.l10n.t('Rescan Dataset'), command: commandIds.datasetRescan },
      { title: vscode.l10n.t('New Training Session'), command: commandIds.sessionNew },
    );
    return;
  }
  const chosen = await chooseSession(found);
  await requireWritable(chosen.folder);
  const { folder, sessionId, session, image } = chosen;
  const sampleId = await openSampleOf(folder.ports, session, image.id);
  if (sampleId !== null) return host.panels.showReview({ folder, sessionId }, sampleId);
  await withProgress(vscode.l10n.t('Reading {0}', basename(uri.fsPath)), (task) => detect(chosen, image, task));
  await host.panels.showImages(
    { folder, sessionId },
    { title: basename(uri.fsPath), images: [image.id], since: new Date().toISOString() },
  );
};

/** The image of the session's dataset with this path; null if it is not in the dataset. */
async function findImage({ folder, session }: SessionTarget, path: string): Promise<ImageRow | null> {
  const { datasets, images } = folder.ports.store;
  for (const root of await datasets.roots(session.datasetId)) {
    if (!isInside(root.path, path)) continue;
    const relativePaths = [relative(root.path, path).split(sep).join('/')];
    const [image] = await images.find({ datasetId: session.datasetId, rootId: root.id, relativePaths });
    if (image !== undefined) return image;
  }
  return null;
}

/** Has the active version detect on the image unless that is stored. Without a version, only the labels are shown. */
async function detect({ folder, session }: SessionTarget, image: ImageRow, options: RunOptions): Promise<void> {
  const { ports } = folder;
  const active = (await ports.store.models.list(session.id)).find(({ isActive }) => isActive);
  if (active === undefined || !(await ports.artifacts.exists(active.modelPath))) return;
  if ((await ports.store.predictions.get(active.id, image.id)) !== null) return;
  const path = (await ImageLocator.of(ports, session.datasetId)).path(image);
  await validationDetections(
    ports,
    session,
    active,
    [{ imageId: image.id, contentHash: image.contentHash, path }],
    options,
  );
}

/** The file of the active editor, such as VS Code's preview of an image. */
function activeFile(): vscode.Uri | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup?.activeTab?.input;
  return input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText ? input.uri : undefined;
}
