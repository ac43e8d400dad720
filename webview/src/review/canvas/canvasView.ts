import { addBox, changeBox, type EditBox, type ShownBox } from '../model/boxes.ts';
import { sameRect, type Point, type Rect, type Size } from '../model/geometry.ts';
import { filterOf } from '../model/viewOptions.ts';
import { visibleBoxes } from '../model/editState.ts';
import { predictedBoxes } from '../model/difference.ts';
import { hiddenAt } from '../model/objects.ts';
import { openSample, type PanelState } from '../model/state.ts';
import {
  rectToCanvas,
  sameView,
  fit,
  keepImageVisible,
  pixelatedFrom,
  panToReveal,
  type Viewport,
  zoomAt,
  zoomToRect,
  pan,
} from '../model/viewport.ts';
import type { ActionPerformer } from '../panel/actionPerformer.ts';
import type { CanvasCommands } from '../panel/canvasCommands.ts';
import type { ReviewStore } from '../model/reducer.ts';
import { currentTheme, themeColor } from '../../ui/theme.ts';
import { Gestures, type Surface } from './gestures.ts';
import { ImageLayer } from './imageLayer.ts';
import { Painter } from './painter.ts';
import { wheelIntent, type WheelTurn } from './wheel.ts';

interface CanvasElements {
  /** Contains the image, below the boxes. */
  readonly stage: HTMLElement;
  readonly overlay: HTMLCanvasElement;
}

/**
 * The image with its boxes: an `<img>` that the browser scales, and above it a canvas in device pixels that is redrawn only
 * after a change. React does not render here between two edits.
 */
export class CanvasView implements Surface, CanvasCommands {
  readonly #overlay: HTMLCanvasElement;
  readonly #store: ReviewStore;
  readonly #performer: ActionPerformer;
  readonly #onZoom: (scale: number) => void;
  readonly #layer: ImageLayer;
  readonly #painter: Painter | null;
  readonly gestures: Gestures;
  viewport: Viewport = { scale: 1, x: 0, y: 0 };
  size: Size = { width: 1, height: 1 };
  #fitted = true;
  #frame: number | null = null;
  #last: PanelState | null = null;
  #peeking = false;
  /** Set during a selection on the canvas, where the box is already visible. */
  #selecting = false;

  constructor(
    elements: CanvasElements,
    store: ReviewStore,
    performer: ActionPerformer,
    onZoom: (scale: number) => void,
  ) {
    this.#overlay = elements.overlay;
    this.#layer = new ImageLayer(elements.stage, (image) => store.dispatch({ type: 'image', image }));
    this.#store = store;
    this.#performer = performer;
    this.#onZoom = onZoom;
    const context = elements.overlay.getContext('2d');
    this.#painter = context === null ? null : new Painter(context);
    this.gestures = new Gestures(this);
  }

  get image(): Size {
    return this.#store.getState().host?.current ?? { width: 1, height: 1 };
  }

  get shown(): readonly ShownBox[] {
    const state = this.#store.getState();
    return state.boxesHidden ? [] : visibleBoxes(state);
  }

  get selected(): EditBox | null {
    const { selected } = this.#store.getState();
    return this.shown.find((one) => one.box.key === selected)?.box ?? null;
  }

  get editable(): boolean {
    const { host, busy, image } = this.#store.getState();
    return host?.editable === true && busy === null && image === 'ready';
  }

  get drawing(): boolean {
    return this.#store.getState().drawing;
  }

  get peeking(): boolean {
    return this.#peeking && !this.#store.getState().boxesHidden;
  }

  hiddenAt(at: Point): EditBox | null {
    const state = this.#store.getState();
    return hiddenAt(visibleBoxes(state), state.host?.current?.predictions ?? [], at);
  }

  peek(on: boolean): void {
    if (on === this.#peeking) return;
    this.#peeking = on;
    this.redraw();
  }

  /** Applies the state. Called at the start and after each change. */
  update(): void {
    const state = this.#store.getState();
    const last = this.#last;
    this.#last = state;
    const sampleChanged = state.host?.current?.sampleId !== last?.host?.current?.sampleId;
    if (sampleChanged) this.gestures.cancel();
    if (!state.drawing && last?.drawing === true) this.gestures.cancel();
    if (state.host !== last?.host) {
      if (sampleChanged) this.#showWhole(state, last);
      this.#showImage(state);
    } else if (state.ahead !== last?.ahead) this.#layer.loadAhead(state);
    if (state.selected !== last?.selected && state.selected !== null && !this.#selecting) this.#panToReveal();
    if (state.view !== last?.view) this.#layer.setFilter(filterOf(state.view));
    this.redraw();
  }

  resize(size: Size): void {
    if (size.width === this.size.width && size.height === this.size.height) return;
    this.size = size;
    if (this.#fitted) this.#fitWhole();
    else this.setViewport(keepImageVisible(this.viewport, this.image, size));
  }

  setViewport(viewport: Viewport): void {
    this.#fitted = false;
    this.#apply(viewport);
  }

  select(key: number | null): void {
    this.#selecting = true;
    this.#store.dispatch({ type: 'select', key });
    this.#selecting = false;
  }

  hover(key: number | null): void {
    this.#store.dispatch({ type: 'hover', key });
  }

  keep(box: EditBox): void {
    this.#performer.boxes.toggleKept(box);
  }

  change(box: EditBox, rect: Rect): void {
    const open = openSample(this.#store.getState());
    if (open !== null && !sameRect(rect, box)) {
      this.#store.dispatch({ type: 'edit', boxSet: changeBox(open.boxSet, box, rect), select: box.key });
    }
  }

  draw(rect: Rect): void {
    const state = this.#store.getState();
    const open = openSample(state);
    if (open === null || !this.editable) return;
    // A side of a few pixels is an accident, unless the user has zoomed in on it.
    const least = 3 / this.viewport.scale;
    if (Math.min(rect.x2 - rect.x1, rect.y2 - rect.y1) < least && this.viewport.scale < pixelatedFrom) return;
    const { boxSet, key } = addBox(open.boxSet, rect, state.nextClass);
    this.#selecting = true;
    this.#store.dispatch({ type: 'edit', boxSet, select: key });
    this.#selecting = false;
    this.#store.dispatch({ type: 'draw', on: false });
  }

  zoomBy(factor: number): void {
    const middle = { x: this.size.width / 2, y: this.size.height / 2 };
    this.zoomTo(middle, factor);
  }

  zoomTo(point: Point, factor: number): void {
    this.setViewport(zoomAt(this.viewport, point, factor, this.image, this.size));
  }

  selectedRect(): Rect | null {
    const { selected } = this;
    return selected === null ? null : rectToCanvas(this.viewport, selected);
  }

  zoomFit(): void {
    this.#fitWhole();
  }

  zoomActual(): void {
    this.zoomBy(1 / this.viewport.scale);
  }

  zoomBox(): void {
    const { selected } = this;
    if (selected !== null) this.setViewport(zoomToRect(selected, this.size));
  }

  /** Zooms to the selected box, or back to the whole image. */
  toggleZoom(): void {
    if (this.#fitted) this.zoomBox();
    else this.#fitWhole();
  }

  wheel(turn: WheelTurn, point: Point): void {
    const intent = wheelIntent(turn);
    if (intent.kind === 'zoom') this.zoomTo(point, intent.factor);
    else this.setViewport(pan(this.viewport, intent.dx, intent.dy, this.image, this.size));
  }

  cancel(): boolean {
    return this.gestures.cancel();
  }

  finish(): boolean {
    return this.gestures.finishPoints();
  }

  redraw(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#paint();
    });
  }

  /** Loads the image again after a failure. */
  reloadImage(): void {
    this.#layer.forget();
    this.#store.dispatch({ type: 'image', image: 'loading' });
    this.#showImage(this.#store.getState());
  }

  dispose(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#layer.clear();
  }

  /** Shows a new image: as a whole, or at the zoom and the place of the image before. */
  #showWhole(state: PanelState, last: PanelState | null): void {
    const before = last?.host?.current ?? null;
    if (!state.view.zoomKept || this.#fitted || before === null) return this.#fitWhole();
    this.setViewport(sameView(this.viewport, before, this.image, this.size));
  }

  #fitWhole(): void {
    this.#fitted = true;
    this.#apply(fit(this.image, this.size));
  }

  #apply(viewport: Viewport): void {
    const zoomed = viewport.scale !== this.viewport.scale;
    this.viewport = viewport;
    if (zoomed) this.#onZoom(viewport.scale);
    this.#placeImage();
    this.redraw();
  }

  #showImage(state: PanelState): void {
    this.#layer.show(state);
    this.#placeImage();
  }

  #placeImage(): void {
    this.#layer.place(this.image, this.viewport);
  }

  #panToReveal(): void {
    const { selected } = this;
    if (selected === null || this.#fitted) return;
    this.setViewport(panToReveal(this.viewport, selected, this.image, this.size));
  }

  /** Notes which image is on the screen, once the browser has shown the frame. */
  #notePainted({ host, image, painted }: PanelState): void {
    const sampleId = host?.current?.sampleId;
    if (image === 'loading' || sampleId === undefined || sampleId === painted) return;
    setTimeout(() => this.#store.dispatch({ type: 'painted', sampleId }));
  }

  #paint(): void {
    const overlay = this.#overlay;
    const density = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(this.size.width * density));
    const height = Math.max(1, Math.round(this.size.height * density));
    if (overlay.width !== width || overlay.height !== height) {
      overlay.width = width;
      overlay.height = height;
    }
    const state = this.#store.getState();
    const { preview } = this.gestures;
    const { candidate } = preview;
    const hidden: ShownBox[] =
      candidate === null ? [] : [{ box: candidate, status: 'predicted', faint: false, others: 0 }];
    this.#notePainted(state);
    this.#painter?.paint({
      viewport: this.viewport,
      size: this.size,
      image: this.image,
      density,
      // Without the image, the user cannot judge the boxes.
      shown: state.image === 'ready' ? [...this.shown, ...predictedBoxes(state), ...hidden] : [],
      selected: state.selected,
      hovered: candidate?.key ?? state.hovered,
      preview,
      nextClass: state.nextClass,
      classNames: state.host?.classNames ?? [],
      font: `600 11px ${themeColor('--vscode-font-family', 'sans-serif')}`,
      highContrast: currentTheme().startsWith('high-contrast'),
      editable: this.editable,
    });
  }
}
