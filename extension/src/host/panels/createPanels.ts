import * as vscode from 'vscode';
import type { Ports } from '../../workflow/ports/ports.ts';
import { requireRow } from '../../workflow/shared/errors.ts';
import { contextKeys } from '../ids.ts';
import type { FolderContext, SessionRef } from '../workspace/folderContext.ts';
import type { Panels, PanelServices } from './panelServices.ts';
import { createGridPanel, gridKind, type ManagedGridPanel } from './grid/createGridPanel.ts';
import { createMetricsPanel, metricsKind } from './metrics/createMetricsPanel.ts';
import { createReviewPanel, reviewKind, type ManagedReviewPanel } from './review/createReviewPanel.ts';
import { PanelRegistry, type ManagedPanel } from './shell/panelRegistry.ts';

/** Creates the panels, and registers what restores them after a reload. */
export function createPanels(services: PanelServices): Panels {
  const { log, folders } = services;
  const showMetrics = async ({ folder, sessionId }: SessionRef): Promise<void> => {
    await metrics.show(folder, { folder: uriOf(folder), sessionId, iterationId: null });
  };
  const reviews = new PanelRegistry<ManagedReviewPanel>({
    kind: reviewKind,
    contextKey: contextKeys.reviewActive,
    folders,
    log,
    create: (panel, folder, identity) => createReviewPanel(services, panel, folder, identity, showMetrics),
  });
  const metrics = new PanelRegistry<ManagedPanel>({
    kind: metricsKind,
    folders,
    log,
    create: (panel, folder, identity) => createMetricsPanel(services, panel, folder, identity),
  });
  const grids = new PanelRegistry<ManagedGridPanel>({
    kind: gridKind,
    folders,
    log,
    create: (panel, folder, identity) => createGridPanel(services, panel, folder, identity, panels),
  });
  const panels: Panels = {
    async showReview({ folder, sessionId }, sampleId) {
      const iterationId = await olderIterationOf(folder.ports, sessionId, sampleId);
      const { controller } = await reviews.show(folder, { folder: uriOf(folder), sessionId, iterationId });
      if (sampleId !== undefined) await controller.show(sampleId);
    },
    showImages: async ({ folder, sessionId }, list) => {
      await reviews.show(folder, { folder: uriOf(folder), sessionId, iterationId: null, list });
    },
    async showGrid({ folder, sessionId }, shown) {
      const identity = { folder: uriOf(folder), sessionId, iterationId: null };
      if (typeof shown === 'object') {
        await grids.show(folder, { ...identity, list: shown });
        return;
      }
      const { controller } = await grids.show(folder, identity);
      if (shown !== undefined) await controller.show(shown);
    },
    showMetrics,
    reviewAction: (action, classId) =>
      reviews.active?.page.channel.send('review/action', classId === undefined ? { action } : { action, classId }),
    dispose: () => vscode.Disposable.from(reviews, metrics, grids).dispose(),
  };
  return panels;
}

/** The iteration of a sample if it is not the newest one, which a review shows by default; otherwise `null`. */
async function olderIterationOf(ports: Ports, sessionId: number, sampleId: number | undefined): Promise<number | null> {
  if (sampleId === undefined) return null;
  const { iterationId } = requireRow(await ports.store.samples.get(sampleId), 'sample', sampleId);
  const iterations = await ports.store.iterations.list(sessionId);
  return iterations.at(-1)?.id === iterationId ? null : iterationId;
}

function uriOf({ folder }: FolderContext): string {
  return folder.uri.toString();
}
