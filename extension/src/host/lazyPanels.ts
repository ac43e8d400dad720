import { AppError } from '../core/errors.ts';
import type { HostServices, Panels } from './services.ts';

/** Panels whose code is loaded after activation, or when one is first opened. */
export interface LazyPanels extends Panels {
  /** Loads them, so that VS Code can restore those that were open. */
  load(): Promise<Panels>;
}

export function createLazyPanels(_services: Omit<HostServices, 'panels'>): LazyPanels {
  let loading: Promise<Panels> | null = null;
  let loaded = null as Panels | null;
  let disposed = false;
  const load = (): Promise<Panels> => {
    loading ??= Promise.reject(new AppError('not-here', 'Panels are not built yet.', 'Wait.'));
    return loading;
  };
  return {
    load,
    showReview: async (ref, sampleId) => (await load()).showReview(ref, sampleId),
    showMetrics: async (ref) => (await load()).showMetrics(ref),
    // Without loaded panels there is no panel in front.
    reviewAction: (action) => loaded?.reviewAction(action),
    dispose() {
      disposed = true;
      void loading?.then((panels) => panels.dispose()).catch(() => disposed);
    },
  };
}
