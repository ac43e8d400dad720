import * as vscode from 'vscode';
import type { Ports } from '../../workflow/ports/ports.ts';
import { requireRow } from '../../workflow/shared/errors.ts';
import { contextKeys } from '../ids.ts';
import type { OpenFolder, Panels, SessionRef } from '../services.ts';
import { fillMetrics, metricsKind } from './metrics/createMetricsPanel.ts';
import { fillReview, reviewKind, type ShelvedReview } from './review/createReviewPanel.ts';
import type { PanelServices } from './panelParts.ts';
import { PanelShelf, type ShelvedPanel } from './shell/panelRegistry.ts';

/** The review and metrics panels. Registers what restores them after a reload. */
export function createPanels(services: PanelServices): Panels {
  const { log, folders } = services;
  const showMetrics = async ({ folder, sessionId }: SessionRef): Promise<void> => {
    await metrics.show(folder, { folder: uriOf(folder), sessionId, iterationId: null });
  };
  const reviews = new PanelShelf<ShelvedReview>({
    kind: reviewKind,
    contextKey: contextKeys.reviewActive,
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
      const iterationId = await olderIteration(folder.ports, sessionId, sampleId);
      const { controller } = await reviews.show(folder, { folder: uriOf(folder), sessionId, iterationId });
      if (sampleId !== undefined) await controller.show(sampleId);
    },
    showMetrics,
    reviewAction: (action, classId) =>
      reviews.active?.live.channel.send('review/action', classId === undefined ? { action } : { action, classId }),
    dispose: () => vscode.Disposable.from(reviews, metrics).dispose(),
  };
}

/** The iteration of a sample where it is not the one that a review shows by itself; `null` otherwise. */
async function olderIteration(ports: Ports, sessionId: number, sampleId: number | undefined): Promise<number | null> {
  if (sampleId === undefined) return null;
  const { iterationId } = requireRow(await ports.store.samples.get(sampleId), 'sample', sampleId);
  const iterations = await ports.store.iterations.list(sessionId);
  return iterations.at(-1)?.id === iterationId ? null : iterationId;
}

function uriOf({ folder }: OpenFolder): string {
  return folder.uri.toString();
}
