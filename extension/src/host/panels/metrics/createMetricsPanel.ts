import * as vscode from 'vscode';
import type { MetricsFromHost, MetricsFromWebview } from '../../../protocol/metrics.ts';
import { metricsStrings } from '../../../protocol/metricsStrings.ts';
import { commandIds } from '../../ids.ts';
import type { OpenFolder } from '../../services.ts';
import { LivePanel, type PanelKind } from '../shell/panelPage.ts';
import { checkMetricsMessage } from '../messageChecks.ts';
import { MetricsController } from './metricsController.ts';
import type { PanelIdentity } from '../shell/panelIdentity.ts';
import { type PanelServices, sessionOf, translated } from '../panelParts.ts';
import { refreshOrClose, type ShelvedPanel } from '../shell/panelRegistry.ts';

export const metricsKind: PanelKind = { viewType: 'activeLearning.metrics', bundle: 'metrics' };

/** New points of a training are looked for this often while the panel is in view. */
const pollMs = 1000;

/**
 * Fills a panel with the metrics of a session.
 * @throws WorkflowError `not-found` when the session is gone.
 */
export async function fillMetrics(
  services: PanelServices,
  panel: vscode.WebviewPanel,
  folder: OpenFolder,
  identity: PanelIdentity,
): Promise<ShelvedPanel> {
  const { sessionId } = identity;
  const { log } = services;
  const session = await sessionOf(folder, sessionId);
  const controller = new MetricsController(
    {
      ports: () => folder.ports,
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
