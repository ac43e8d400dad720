import * as vscode from 'vscode';
import type { MetricsFromHost, MetricsFromWebview } from '../../../protocol/metrics.ts';
import { metricsStrings } from '../../../protocol/metricsStrings.ts';
import { requireRow } from '../../../workflow/shared/errors.ts';
import { commandIds } from '../../ids.ts';
import type { FolderContext } from '../../workspace/folderContext.ts';
import type { PanelServices } from '../panelServices.ts';
import type { PanelIdentity } from '../shell/panelIdentity.ts';
import { PanelPage, translatePage, type PanelKind } from '../shell/panelPage.ts';
import { refreshOrClose, type ManagedPanel } from '../shell/panelRegistry.ts';
import { MetricsController } from './metricsController.ts';
import { checkMetricsMessage } from './metricsMessages.ts';

export const metricsKind: PanelKind = { viewType: 'activeLearning.metrics', bundle: 'metrics' };

/** How often a visible panel checks for new points of a running training. */
const pollMs = 1000;

/**
 * Creates the page with the metrics of a session.
 * @throws WorkflowError `not-found` if the session no longer exists.
 */
export async function createMetricsPanel(
  services: PanelServices,
  panel: vscode.WebviewPanel,
  folder: FolderContext,
  identity: PanelIdentity,
): Promise<ManagedPanel> {
  const { sessionId } = identity;
  const { log } = services;
  const session = requireRow(await folder.ports.store.sessions.get(sessionId), 'session', sessionId);
  const controller = new MetricsController(
    {
      ports: () => folder.ports,
      strings: () => translatePage(metricsStrings),
      exportModel: () => void vscode.commands.executeCommand(commandIds.modelExport, { folder, sessionId }),
      push: (state) => page.channel.send('metrics/state', state),
    },
    sessionId,
  );
  const page: PanelPage<MetricsFromWebview, MetricsFromHost> = new PanelPage<MetricsFromWebview, MetricsFromHost>({
    kind: metricsKind,
    panel,
    extensionUri: services.extension.extensionUri,
    identity,
    title: vscode.l10n.t('Metrics: {0}', session.name),
    imageRoots: [],
    handlers: controller.handlers,
    check: checkMetricsMessage,
    log,
    onShown: () => void refreshOrClose({ panel, refresh: () => controller.refresh(true) }, log),
  });
  // One poll at a time: a slow disk must not collect them.
  let polling = false;
  const timer = setInterval(() => {
    if (!panel.visible || polling) return;
    polling = true;
    void refreshOrClose({ panel, refresh: () => controller.poll() }, log).then(() => (polling = false));
  }, pollMs);
  panel.onDidDispose(() => clearInterval(timer));
  return { panel, refresh: () => controller.refresh() };
}
