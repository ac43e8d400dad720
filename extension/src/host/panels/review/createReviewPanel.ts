import * as vscode from 'vscode';
import { createClassFile } from '../../../adapters/files/dataYaml/dataYamlWriter.ts';
import type { ReviewFromHost, ReviewFromWebview } from '../../../protocol/review.ts';
import { reviewStrings } from '../../../protocol/reviewStrings.ts';
import { maySee } from '../../trust/visiblePaths.ts';
import type { OpenFolder, SessionRef } from '../../services.ts';
import { LivePanel, type PanelKind } from '../shell/panelPage.ts';
import { checkReviewMessage } from '../messageChecks.ts';
import type { PanelIdentity } from '../shell/panelIdentity.ts';
import { type PanelServices, sessionOf, translated } from '../panelParts.ts';
import { refreshOrClose, type ShelvedPanel } from '../shell/panelRegistry.ts';
import { createPreviews, type Previews } from '../../../adapters/previews/previews.ts';
import { ReviewController } from './reviewController.ts';
import { completeStep } from '../../ui/walkthrough.ts';
import { showWarning } from '../../ui/window.ts';

export const reviewKind: PanelKind = { viewType: 'activeLearning.review', bundle: 'review' };

export interface ShelvedReview extends ShelvedPanel {
  readonly controller: ReviewController;
  readonly live: LivePanel<ReviewFromWebview, ReviewFromHost>;
}

/**
 * Fills a panel with the review of a session.
 * @throws WorkflowError `not-found` when the session is gone.
 */
export async function fillReview(
  services: PanelServices,
  panel: vscode.WebviewPanel,
  folder: OpenFolder,
  identity: PanelIdentity,
  showMetrics: (ref: SessionRef) => Promise<void>,
): Promise<ShelvedReview> {
  const { sessionId } = identity;
  const { log } = services;
  const ref = { folder, sessionId };
  const session = await sessionOf(folder, sessionId);
  const previews = vscode.Uri.joinPath(folder.storage, 'cache', 'previews');
  /** Asked again at every look: a dataset can be moved, and gets further folders. */
  const imageRoots = async (): Promise<vscode.Uri[]> => {
    const roots = await folder.ports.store.datasets.roots(session.datasetId);
    const seen = await Promise.all(roots.map(({ path }) => maySee(folder, path)));
    const shown = roots.filter((_, index) => seen[index] === true);
    return [...shown.map(({ path }) => vscode.Uri.file(path)), previews];
  };
  const controller = new ReviewController(
    {
      ports: () => folder.ports,
      classFile: createClassFile({
        backupFolder: vscode.Uri.joinPath(folder.storage, 'backups', 'descriptions').fsPath,
      }),
      previews: onceTrusted(
        folder,
        createPreviews({
          folder: previews.fsPath,
          workerPath: services.context.asAbsolutePath('dist/previewWorker.js'),
          onWarning: (message) => log.warn(message),
        }),
      ),
      l10n: vscode.l10n,
      strings: () => translated(reviewStrings),
      imageUrl: (path) => panel.webview.asWebviewUri(vscode.Uri.file(path)).toString(),
      locked: () =>
        !vscode.workspace.isTrusted
          ? vscode.l10n.t('Trust this workspace to review: a verdict writes label files.')
          : folder.isReadOnly
            ? vscode.l10n.t('The folder of these sessions is read-only: they can be looked at.')
            : folder.browseOnly
              ? vscode.l10n.t(
                  'These sessions came with the folder. Trust them to review: a verdict writes label files.',
                )
              : null,
      confirm: async (question, action) => (await showWarning(question, { modal: true }, action)) === action,
      trainNext: () => void services.runner.start(ref),
      showMetrics: () => void showMetrics(ref).then(undefined, (error: unknown) => log.error(String(error))),
      changeKeys: () => changeKeys(services.context.extension.id),
      changed: () => folder.changed(),
      judged: () => completeStep('review'),
      push: (state) => live.channel.send('review/state', state),
    },
    { sessionId, iterationId: identity.iterationId },
  );
  const live: LivePanel<ReviewFromWebview, ReviewFromHost> = new LivePanel<ReviewFromWebview, ReviewFromHost>({
    kind: reviewKind,
    panel,
    extensionUri: services.context.extensionUri,
    identity,
    title: vscode.l10n.t('Review: {0}', session.name),
    imageRoots: await imageRoots(),
    handlers: controller.handlers,
    check: checkReviewMessage,
    log,
    onShown: () => void refreshOrClose({ panel, refresh: () => controller.refresh(true) }, log),
  });
  const refresh = async (): Promise<void> => {
    live.allowImages(await imageRoots());
    await controller.refresh();
  };
  return { panel, live, controller, refresh };
}

/** Before trust nothing is converted: that would start a process on a stranger's file, and write a picture. */
function onceTrusted(folder: OpenFolder, previews: Previews): Previews {
  return {
    // A path that the page may not load: it says that the image cannot be shown.
    pathFor: async (picture) =>
      (await maySee(folder, picture.path)) ? (folder.browseOnly ? picture.path : previews.pathFor(picture)) : '/',
    atHand: async (picture) =>
      (await maySee(folder, picture.path)) ? (folder.browseOnly ? picture.path : previews.atHand(picture)) : null,
  };
}

/** VS Code's list of keyboard shortcuts, at those of this extension. */
async function changeKeys(extensionId: string): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openGlobalKeybindings', `@ext:${extensionId}`);
}
