import type { GridSource } from '../../protocol/grid.ts';
import type { ReviewAction } from '../../protocol/review.ts';
import type { ImageList } from '../../workflow/review/imageVerdicts.ts';
import type { SessionRef } from '../workspace/folderContext.ts';
import type { Panels, PanelServices } from './panelServices.ts';

/** Loads the code of the panels after activation, or when the first one opens. */
export class LazyPanels implements Panels {
  readonly #services: PanelServices;
  #loading: Promise<Panels> | null = null;
  #loaded: Panels | null = null;
  #disposed = false;

  constructor(services: PanelServices) {
    this.#services = services;
  }

  /** Loads the panels, so that VS Code can restore those that were open. */
  load(): Promise<Panels> {
    this.#loading ??= this.#create();
    return this.#loading;
  }

  async showReview(ref: SessionRef, sampleId?: number): Promise<void> {
    await (await this.load()).showReview(ref, sampleId);
  }

  async showImages(ref: SessionRef, list: ImageList): Promise<void> {
    await (await this.load()).showImages(ref, list);
  }

  async showGrid(ref: SessionRef, shown?: GridSource | ImageList): Promise<void> {
    await (await this.load()).showGrid(ref, shown);
  }

  async showMetrics(ref: SessionRef): Promise<void> {
    await (await this.load()).showMetrics(ref);
  }

  reviewAction(action: ReviewAction, classId?: number): void {
    // Until the panels are loaded, none can be active.
    this.#loaded?.reviewAction(action, classId);
  }

  dispose(): void {
    this.#disposed = true;
    this.#loaded?.dispose();
  }

  async #create(): Promise<Panels> {
    const { createPanels } = await import('./createPanels.ts');
    const panels = createPanels(this.#services);
    if (this.#disposed) panels.dispose();
    this.#loaded = panels;
    return panels;
  }
}
