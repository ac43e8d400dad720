import * as vscode from 'vscode';
import { createReviewFiles, type Previews } from '../../../composition/reviewFiles.ts';
import type { ReviewFromHost, ReviewFromWebview } from '../../../protocol/review.ts';
import { reviewStrings } from '../../../protocol/reviewStrings.ts';
import { requireRow } from '../../../workflow/shared/errors.ts';
import { mayShowPath } from '../../trust/visiblePaths.ts';
import { completeStep } from '../../ui/walkthrough.ts';
import { showWarning } from '../../ui/window.ts';
import type { FolderContext, SessionRef } from '../../workspace/folderContext.ts';
import type { PanelServices } from '../panelServices.ts';
import type { PanelIdentity } from '../shell/panelIdentity.ts';
import { lockReason } from '../shell/lockReason.ts';
import { PanelPage, translatePage, type PanelKind } from '../shell/panelPage.ts';
import { refreshOrClose, type ManagedPanel } from '../shell/panelRegistry.ts';
import { ReviewController } from './reviewController.ts';
import type { Place } from './reviewHost.ts';
import { checkReviewMessage } from './reviewMessages.ts';

export const reviewKind: PanelKind = { viewType: 'activeLearning.review', bundle: 'review' };

export interface ManagedReviewPanel extends ManagedPanel {
  readonly controller: ReviewController;
  readonly page: PanelPage<ReviewFromWebview, ReviewFromHost>;
}

/**
 * Creates the page with the review of a session.
 * @throws WorkflowError `not-found` if the session no longer exists.
 */
export async function createReviewPanel(
  services: PanelServices,
  panel: vscode.WebviewPanel,
  folder: FolderContext,
  identity: PanelIdentity,
  showMetrics: (ref: SessionRef) => Promise<void>,
): Promise<ManagedReviewPanel> {
  const { sessionId } = identity;
  const { log } = services;
  const ref = { folder, sessionId };
  const session = requireRow(await folder.ports.store.sessions.get(sessionId), 'session', sessionId);
  const { previews, previewsFolder } = createReviewFiles(folder.storage.fsPath, (message) => log.warn(message));
  /** Read again at each refresh: a dataset can be moved and can get more folders. */
  const imageRoots = async (): Promise<vscode.Uri[]> => {
    const roots = await folder.ports.store.datasets.roots(session.datasetId);
    const visible = await Promise.all(roots.map(({ path }) => mayShowPath(folder, path)));
    const shown = roots.filter((_, index) => visible[index] === true);
    return [...shown.map(({ path }) => vscode.Uri.file(path)), vscode.Uri.file(previewsFolder)];
  };
  const controller = new ReviewController(
    {
      ports: () => folder.ports,
      previews: withoutConversionUntilTrusted(folder, previews),
      l10n: vscode.l10n,
      strings: () => translatePage(reviewStrings),
      imageUrl: (path) => panel.webview.asWebviewUri(vscode.Uri.file(path)).toString(),
      lockReason: () => lockReason(folder),
      confirm: async (question, action) => (await showWarning(question, { modal: true }, action)) === action,
      trainNext: () => void services.runner.start(ref),
      showMetrics: () => void showMetrics(ref).then(undefined, (error: unknown) => log.error(String(error))),
      changeKeys: () => showKeybindings(services.extension.extension.id),
      databaseChanged: () => folder.changed(),
      verdictGiven: () => {
        completeStep('review');
        folder.verdictGiven();
      },
      place: placeIn(services.extension.workspaceState, panel, identity),
      push: (state) => page.channel.send('review/state', state),
    },
    { sessionId, iterationId: identity.iterationId, list: identity.list },
  );
  const page: PanelPage<ReviewFromWebview, ReviewFromHost> = new PanelPage<ReviewFromWebview, ReviewFromHost>({
    kind: reviewKind,
    panel,
    extensionUri: services.extension.extensionUri,
    identity,
    title: vscode.l10n.t('Review: {0}', identity.list?.title ?? session.name),
    imageRoots: await imageRoots(),
    handlers: controller.handlers,
    check: checkReviewMessage,
    log,
    onShown: () => void refreshOrClose({ panel, refresh: () => controller.refresh(true) }, log),
  });
  const refresh = async (): Promise<void> => {
    page.allowImages(await imageRoots());
    await controller.refresh();
  };
  return { panel, page, controller, refresh };
}

/** The open sample of a panel, in the memory of the workspace, which VS Code stores at once; until the panel is closed. */
function placeIn(
  memory: vscode.Memento,
  panel: vscode.WebviewPanel,
  { folder, sessionId, iterationId, list }: PanelIdentity,
): Place {
  const key = JSON.stringify(['activeLearning.reviewPlace', folder, sessionId, iterationId, list?.title ?? null]);
  const get = (): number | null => {
    const sampleId: unknown = memory.get(key);
    return typeof sampleId === 'number' ? sampleId : null;
  };
  const set = (sampleId: number | null): void => {
    if (sampleId !== get()) void memory.update(key, sampleId ?? undefined);
  };
  panel.onDidDispose(() => set(null));
  return { get, set };
}

/** Converts no image of untrusted sessions: that would start a process on an untrusted file and write a copy. */
function withoutConversionUntilTrusted(folder: FolderContext, previews: Previews): Previews {
  return {
    // The page may not load the path '/' and reports that the image cannot be shown.
    pathFor: async (image) =>
      (await mayShowPath(folder, image.path)) ? (folder.browseOnly ? image.path : previews.pathFor(image)) : '/',
    pathIfReady: async (image) =>
      (await mayShowPath(folder, image.path)) ? (folder.browseOnly ? image.path : previews.pathIfReady(image)) : null,
  };
}

/** Opens the list of keyboard shortcuts, filtered to this extension. */
async function showKeybindings(extensionId: string): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openGlobalKeybindings', `@ext:${extensionId}`);
}
