import * as vscode from 'vscode';
import { createClassFile } from '../../adapters/files/dataYamlWriter.ts';
import type { MetricsFromHost, MetricsFromWebview } from '../../protocol/metrics.ts';
import { metricsStrings } from '../../protocol/metricsStrings.ts';
import type { ReviewFromHost, ReviewFromWebview } from '../../protocol/review.ts';
import { reviewStrings } from '../../protocol/reviewStrings.ts';
import type { Engine } from '../../workflow/engine.ts';
import { found } from '../../workflow/errors.ts';
import type { SessionRow } from '../../workflow/ports/store.ts';
import { commandIds, contextKeys } from '../ids.ts';
import type { HostServices, OpenFolder, Panels, SessionRef } from '../services.ts';
import { reviewKeys } from '../settings.ts';
import { LivePanel, type PanelKind } from './livePanel.ts';
import { checkMetricsMessage, checkReviewMessage } from './messageChecks.ts';
import { MetricsController } from './metricsController.ts';
import type { PanelIdentity } from './panelIdentity.ts';
import { PanelShelf, refreshOrClose, type ShelvedPanel } from './panelShelf.ts';
import { createPreviews, type Previews } from './previews.ts';
import { ReviewController } from './reviewController.ts';

const reviewKind: PanelKind = {
  viewType: 'activeLearning.review',
  bundle: 'review',
  contextKey: contextKeys.reviewActive,
};
const metricsKind: PanelKind = {
  viewType: 'activeLearning.metrics',
  bundle: 'metrics',
  contextKey: 'activeLearning:metrics.active',
};

/** New points of a training are looked for this often while the panel is in view. */
const pollMs = 1000;

interface ShelvedReview extends ShelvedPanel {
  readonly controller: ReviewController;
  readonly live: LivePanel<ReviewFromWebview, ReviewFromHost>;
}

type Services = Omit<HostServices, 'panels'>;

/** The review and metrics panels. Registers what restores them after a reload. */
export function createPanels(services: Services): Panels {
  const { log, folders } = services;
  const showMetrics = async ({ folder, sessionId }: SessionRef): Promise<void> => {
    await metrics.show(folder, { folder: uriOf(folder), sessionId, iterationId: null });
  };
  const reviews = new PanelShelf<ShelvedReview>({
    kind: reviewKind,
    folders,
    log,
    fill: (panel, folder, identity) => fillReview(services, panel, folder, identity, showMetrics),
  });
  const metrics = new PanelShelf<ShelvedPanel>({
    kind: metricsKind,
    folders,
    log,
    fill: (panel, folder, identity) => fillMetrics(services, panel, folder, identity),
  });
  return {
    async showReview({ folder, sessionId }, sampleId) {
      const iterationId = await olderIteration(folder.engine, sessionId, sampleId);
      const { controller } = await reviews.show(folder, { folder: uriOf(folder), sessionId, iterationId });
      if (sampleId !== undefined) await controller.show(sampleId);
    },
    showMetrics,
    reviewAction: (action) => reviews.active?.live.channel.send('review/action', { action }),
    dispose: () => vscode.Disposable.from(reviews, metrics).dispose(),
  };
}

async function fillReview(
  services: Services,
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
    const roots = await folder.engine.store.datasets.roots(session.datasetId);
    return [...roots.map(({ path }) => vscode.Uri.file(path)), previews];
  };
  const controller = new ReviewController(
    {
      engine: () => folder.engine,
      classFile: createClassFile({
        backupFolder: vscode.Uri.joinPath(folder.storage, 'backups', 'descriptions').fsPath,
      }),
      previews: onceTrusted(
        createPreviews({
          folder: previews.fsPath,
          workerPath: services.context.asAbsolutePath('dist/previewWorker.js'),
          onWarning: (message) => log.warn(message),
        }),
      ),
      l10n: vscode.l10n,
      strings: () => translated(reviewStrings),
      keys: reviewKeys,
      imageUrl: (path) => panel.webview.asWebviewUri(vscode.Uri.file(path)).toString(),
      locked: () =>
        vscode.workspace.isTrusted
          ? null
          : vscode.l10n.t('Trust this workspace to review: a verdict writes label files.'),
      confirm: async (question, action) =>
        (await vscode.window.showWarningMessage(question, { modal: true }, action)) === action,
      trainNext: () => void services.runner.start(ref),
      showMetrics: () => void showMetrics(ref).then(undefined, (error: unknown) => log.error(String(error))),
      changed: () => folder.changed(),
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

async function fillMetrics(
  services: Services,
  panel: vscode.WebviewPanel,
  folder: OpenFolder,
  identity: PanelIdentity,
): Promise<ShelvedPanel> {
  const { sessionId } = identity;
  const { log } = services;
  const session = await sessionOf(folder, sessionId);
  const controller = new MetricsController(
    {
      engine: () => folder.engine,
      strings: () => translated(metricsStrings),
      exportModel: () => void vscode.commands.executeCommand(commandIds.modelExport, { folder, sessionId }),
      push: (state) => live.channel.send('metrics/state', state),
    },
    sessionId,
  );
  const live: LivePanel<MetricsFromWebview, MetricsFromHost> = new LivePanel<MetricsFromWebview, MetricsFromHost>({
    kind: metricsKind,
    panel,
    extensionUri: services.context.extensionUri,
    identity,
    title: vscode.l10n.t('Metrics: {0}', session.name),
    imageRoots: [],
    handlers: controller.handlers,
    check: checkMetricsMessage,
    log,
    onShown: () => void refreshOrClose({ panel, refresh: () => controller.refresh(true) }, log),
  });
  // Not faster than it is read: a slow disk must not be asked twice at once.
  let polling = false;
  const timer = setInterval(() => {
    if (!panel.visible || polling) return;
    polling = true;
    void refreshOrClose({ panel, refresh: () => controller.poll() }, log).then(() => (polling = false));
  }, pollMs);
  panel.onDidDispose(() => clearInterval(timer));
  return { panel, refresh: () => controller.refresh() };
}

/** The iteration of a sample where it is not the one that a review shows by itself; `null` otherwise. */
async function olderIteration(engine: Engine, sessionId: number, sampleId: number | undefined): Promise<number | null> {
  if (sampleId === undefined) return null;
  const { iterationId } = found(await engine.store.samples.get(sampleId), 'sample', sampleId);
  const iterations = await engine.store.iterations.list(sessionId);
  return iterations.at(-1)?.id === iterationId ? null : iterationId;
}

async function sessionOf(folder: OpenFolder, sessionId: number): Promise<SessionRow> {
  return found(await folder.engine.store.sessions.get(sessionId), 'session', sessionId);
}

/** In Restricted Mode nothing is converted: that would start a process on a stranger's file, and write a picture. */
function onceTrusted(previews: Previews): Previews {
  return {
    pathFor: async (picture) => (vscode.workspace.isTrusted ? previews.pathFor(picture) : picture.path),
    atHand: async (picture) => (vscode.workspace.isTrusted ? previews.atHand(picture) : picture.path),
  };
}

function uriOf({ folder }: OpenFolder): string {
  return folder.uri.toString();
}

/** The texts of a page in the user's language, by English text. */
function translated(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => [text, vscode.l10n.t(text)]));
}
