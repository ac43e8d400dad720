import type { HostServices, Panels } from '../services.ts';

/** Panels whose code is loaded after activation, or when one is first opened. */
export interface LazyPanels extends Panels {
  /** Loads them, so that VS Code can restore those that were open. */
  load(): Promise<Panels>;
}

export function createLazyPanels(services: Omit<HostServices, 'panels'>): LazyPanels {
  let loaded = null as Panels | null;
  let loading: Promise<Panels> | null = null;
  let disposed = false;
  const begin = async (): Promise<Panels> => {
    const { createPanels } = await import('./createPanels.ts');
    const panels = createPanels(services);
    if (disposed) panels.dispose();
    loaded = panels;
    return panels;
  };
  const load = (): Promise<Panels> => (loading ??= begin());
  return {
    load,
    showReview: async (ref, sampleId) => (await load()).showReview(ref, sampleId),
    showMetrics: async (ref) => (await load()).showMetrics(ref),
    // Without loaded panels there is none in front.
    reviewAction: (action, classId) => loaded?.reviewAction(action, classId),
    dispose() {
      disposed = true;
      loaded?.dispose();
    },
  };
}
