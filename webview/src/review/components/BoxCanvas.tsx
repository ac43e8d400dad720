import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { ProgressRing } from '../../ui/indicators.tsx';
import { CanvasView } from '../canvas/canvasView.ts';
import { bindPointers } from '../canvas/pointers.ts';
import type { Busy } from '../model/state.ts';
import { usePanel, usePanelState } from '../hooks/usePanel.ts';
import { plural, t } from '../strings.ts';
import { ImageFailed } from './ImageFailed.tsx';
import { Refusal } from './Refusal.tsx';
import { Toolbar } from './Toolbar.tsx';

const savingStates: ReadonlySet<Busy> = new Set(['submit', 'undo', 'redo', 'open']);

/** The image with its boxes and its toolbar. */
export function BoxCanvas(): ReactNode {
  const panel = usePanel();
  const root = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const view = useRef<CanvasView | null>(null);
  const [scale, setScale] = useState(1);
  const image = usePanelState((state) => state.image);
  const saving = usePanelState((state) => state.busy !== null && savingStates.has(state.busy));
  const kept = usePanelState((state) => state.draft?.history.present.boxes.length ?? 0);

  useEffect(() => {
    if (root.current === null || stage.current === null || overlay.current === null) return undefined;
    const element = root.current;
    const canvas = new CanvasView(
      { stage: stage.current, overlay: overlay.current },
      panel.store,
      panel.performer,
      setScale,
    );
    view.current = canvas;
    panel.performer.canvas = canvas;
    const measure = (): void => canvas.resize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    const theme = new MutationObserver(() => canvas.redraw());
    theme.observe(document.body, { attributes: true, attributeFilter: ['class'] });
    const onDensity = (): void => canvas.redraw();
    window.addEventListener('resize', onDensity);
    const unbind = bindPointers(element, canvas);
    const stop = panel.store.subscribe(() => canvas.update());
    canvas.update();
    return () => {
      stop();
      unbind();
      window.removeEventListener('resize', onDensity);
      theme.disconnect();
      observer.disconnect();
      canvas.dispose();
      panel.performer.canvas = null;
      view.current = null;
    };
  }, [panel]);

  return (
    <section className="review-image" aria-label={t('Image')}>
      <Toolbar scale={scale} />
      <div
        ref={root}
        className={`review-canvas ${saving ? 'saving' : ''}`}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it takes keys as a drawing surface.
        tabIndex={0}
        role="application"
        data-image={image}
        aria-label={plural(kept, 'Image with {0} box', 'Image with {0} boxes')}
        aria-describedby="review-canvas-help"
        onKeyDown={(event) => walkBoxes(event, (by) => panel.performer.boxes.selectNeighbour(by))}
      >
        <div ref={stage} className="review-stage" />
        <canvas ref={overlay} className="review-overlay" aria-hidden="true" />
        <span id="review-canvas-help" className="ui-visually-hidden">
          {t(
            'Tab moves between boxes. E lets the arrow keys move the selected box. The list of boxes shows the same boxes.',
          )}
        </span>
        {image === 'failed' ? <ImageFailed onRetry={() => view.current?.reloadImage()} /> : null}
        {image === 'loading' ? (
          <div className="review-loading">
            <ProgressRing label={t('Loading the image')} />
          </div>
        ) : null}
        <DrawHint />
        <MoveHint />
        <Refusal />
      </div>
    </section>
  );
}

function DrawHint(): ReactNode {
  const drawing = usePanelState((state) => state.drawing);
  const name = usePanelState((state) => state.host?.classNames[state.nextClass] ?? '');
  if (!drawing) return null;
  return (
    <div className="review-hint" role="status">
      <strong>{name}</strong>{' '}
      {t('Drag a box, or click the four outermost points of the object. Number keys change the class, Esc cancels.')}
    </div>
  );
}

function MoveHint(): ReactNode {
  const moving = usePanelState((state) => state.moving && !state.drawing);
  if (!moving) return null;
  return (
    <div className="review-hint" role="status">
      {t('The arrow keys move the box: with Shift by ten pixels, with Alt an edge. Esc ends this.')}
    </div>
  );
}

/** Tab selects the next box. After the last one it leaves the canvas, so that it does not trap the focus. */
function walkBoxes(event: KeyboardEvent, select: (by: 1 | -1) => boolean): void {
  if (event.key !== 'Tab' || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target !== event.currentTarget || !select(event.shiftKey ? -1 : 1)) return;
  event.preventDefault();
  event.stopPropagation();
}
