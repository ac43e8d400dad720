import type { PanelAction } from '../model/actions.ts';
import { defaultView, lightStep, limitLight, type ViewOptions } from '../model/viewOptions.ts';
import type { ReviewStore } from '../model/reducer.ts';
import type { CanvasCommands } from './canvasCommands.ts';

/** Performs an action that changes how the image is shown. @returns false for other actions. */
export function performViewAction(action: PanelAction, store: ReviewStore, canvas: CanvasCommands | null): boolean {
  const { view } = store.getState();
  const change = (part: Partial<ViewOptions>): void => store.dispatch({ type: 'view', change: part });
  switch (action) {
    case 'zoom-in':
      canvas?.zoomBy(1.25);
      return true;
    case 'zoom-out':
      canvas?.zoomBy(0.8);
      return true;
    case 'zoom-fit':
      canvas?.zoomFit();
      return true;
    case 'zoom-actual':
      canvas?.zoomActual();
      return true;
    case 'zoom-box':
      canvas?.zoomBox();
      return true;
    case 'keep-zoom':
      change({ zoomKept: !view.zoomKept });
      return true;
    case 'brighter':
      change({ brightness: limitLight(view.brightness * lightStep) });
      return true;
    case 'darker':
      change({ brightness: limitLight(view.brightness / lightStep) });
      return true;
    case 'more-contrast':
      change({ contrast: limitLight(view.contrast * lightStep) });
      return true;
    case 'less-contrast':
      change({ contrast: limitLight(view.contrast / lightStep) });
      return true;
    case 'reset-light':
      change({ brightness: defaultView.brightness, contrast: defaultView.contrast });
      return true;
    case 'compare':
      store.dispatch({ type: 'compare' });
      return true;
    case 'toggle-boxes':
      store.dispatch({ type: 'toggle-boxes' });
      return true;
    default:
      return false;
  }
}
