import * as vscode from 'vscode';
import { createGridFiles, type Thumbnails } from '../../../composition/gridFiles.ts';
import type { GridFromHost, GridFromWebview } from '../../../protocol/grid.ts';
import { gridStrings } from '../../../protocol/gridStrings.ts';
import { requireRow } from '../../../workflow/shared/errors.ts';
import { mayShowPath } from '../../trust/visiblePaths.ts';
import { withProgress } from '../../ui/progress.ts';
import { showWarning } from '../../ui/window.ts';
import type { FolderContext, SessionRef } from '../../workspace/folderContext.ts';
import type { Panels, PanelServices } from '../panelServices.ts';
import type { PanelIdentity } from '../shell/panelIdentity.ts';
import { lockReason } from '../shell/lockReason.ts';
import { PanelPage, translatePage, type PanelKind } from '../shell/panelPage.ts';
import { refreshOrClose, type ManagedPanel } from '../shell/panelRegistry.ts';
import { GridController } from './gridController.ts';
import { checkGridMessage } from './gridMessages.ts';

export const gridKind: PanelKind = { viewType: 'activeLearning.grid', bundle: 'grid' };

export interface ManagedGridPanel extends ManagedPanel {
  readonly controller: GridController;
}

/**
 * Creates the page with the images of a session.
 * @throws WorkflowError `not-found` if the session no longer exists.
 */
export async function createGridPanel(
  services: PanelServices,
  panel: vscode.WebviewPanel,
  folder: FolderContext,
  identity: PanelIdentity,
  panels: Pick<Panels, 'showReview' | 'showImages'>,
): Promise<ManagedGridPanel> {
  const { sessionId } = identity;
  const { log } = services;
  const ref: SessionRef = { folder, sessionId };
  const session = requireRow(await folder.ports.store.sessions.get(sessionId), 'session', sessionId);
  const { thumbnails, thumbnailsFolder } = createGridFiles(folder.storage.fsPath, (message) => log.warn(message));
  /** Read again at each refresh: a dataset can be moved and can get more folders. */
  const imageRoots = async (): Promise<vscode.Uri[]> => {
    const made = vscode.Uri.file(thumbnailsFolder);
    if (!folder.browseOnly) return [made];
    const roots = await folder.ports.store.datasets.roots(session.datasetId);
    const visible = await Promise.all(roots.map(({ path }) => mayShowPath(folder, path)));
    return roots.filter((_, index) => visible[index] === true).map(({ path }) => vscode.Uri.file(path));
  };
  const controller = new GridController(
    {
      ports: () => folder.ports,
      thumbnails: originalsUntilTrusted(folder, thumbnails),
      l10n: vscode.l10n,
      strings: () => translatePage(gridStrings),
      imageUrl: (path) => panel.webview.asWebviewUri(vscode.Uri.file(path)).toString(),
      showSample: (sampleId) => panels.showReview(ref, sampleId),
      showImages: (list) => panels.showImages(ref, list),
      now: () => new Date().toISOString(),
      lockReason: () => lockReason(folder),
      confirm: async (question, action) => (await showWarning(question, { modal: true }, action)) === action,
      withProgress,
      databaseChanged: () => folder.changed(),
      send: (type, payload) => page.channel.send(type, payload),
    },
    { sessionId, list: identity.list },
  );
  const page: PanelPage<GridFromWebview, GridFromHost> = new PanelPage<GridFromWebview, GridFromHost>({
    kind: gridKind,
    panel,
    extensionUri: services.extension.extensionUri,
    identity,
    title: vscode.l10n.t('Images: {0}', identity.list?.title ?? session.name),
    imageRoots: await imageRoots(),
    handlers: controller.handlers,
    check: checkGridMessage,
    log,
    onShown: () => void refreshOrClose({ panel, refresh: () => controller.refresh() }, log),
  });
  panel.onDidDispose(() => void thumbnails.close());
  const refresh = async (): Promise<void> => {
    page.allowImages(await imageRoots());
    await controller.refresh();
  };
  return { panel, controller, refresh };
}

/** Decodes no image of untrusted sessions: that would start a process on an untrusted file and write a copy. */
function originalsUntilTrusted(
  folder: FolderContext,
  thumbnails: Thumbnails,
): Pick<Thumbnails, 'pathIfReady' | 'make'> {
  return {
    pathIfReady: async (image) => {
      if (!folder.browseOnly) return thumbnails.pathIfReady(image);
      return (await mayShowPath(folder, image.path)) ? image.path : null;
    },
    make: (images, onDone) => {
      if (!folder.browseOnly) return thumbnails.make(images, onDone);
      for (const index of images.keys()) onDone(index, null);
    },
  };
}
