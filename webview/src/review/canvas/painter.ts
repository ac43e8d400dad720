import type { EditBox, ShownBox } from '../model/boxes.ts';
import type { Point, Rect, Size } from '../model/geometry.ts';
import { textColourOn, toCss } from '../../ui/colours.ts';
import { classColour } from '../../ui/classColours.ts';
import { handlePositions } from '../model/hitTest.ts';
import { layoutTags, type TagRequest } from '../model/tags.ts';
import { rectToCanvas, toCanvas, type Viewport } from '../model/viewport.ts';
import type { Preview } from './gestures.ts';

interface Scene {
  readonly viewport: Viewport;
  readonly size: Size;
  readonly image: Size;
  /** Device pixels for each CSS pixel. */
  readonly density: number;
  readonly shown: readonly ShownBox[];
  readonly selected: number | null;
  readonly hovered: number | null;
  readonly preview: Preview;
  readonly nextClass: number;
  readonly classNames: readonly string[];
  readonly font: string;
  readonly highContrast: boolean;
  readonly editable: boolean;
}

const tagHeight = 17;
const tagPadding = 5;
/** CSS pixels of the canvas for each tag. More tags would hide the image. */
const roomPerTag = 12_000;
const halo = 'rgb(0 0 0 / 60%)';
const strongHalo = 'rgb(0 0 0)';
/** The width of a box's line in CSS pixels. Lines of even width are sharp. */
const thick = 2;

/** x, y, width and height. */
type Strip = readonly [number, number, number, number];

/** Draws the boxes of a scene, with the preview of an unfinished box. */
export class Painter {
  readonly #context: CanvasRenderingContext2D;
  readonly #widths = new Map<string, number>();
  #font = '';

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  paint(scene: Scene): void {
    const context = this.#context;
    const { density, size } = scene;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    const boxes = scene.shown
      .map((one) => ({ one, rect: this.#place(one.box, scene) }))
      .filter(({ rect }) => rect.x2 >= 0 && rect.y2 >= 0 && rect.x1 <= size.width && rect.y1 <= size.height);
    this.#strokeAll(boxes, scene);
    const selected = boxes.find(({ one }) => one.box.key === scene.selected);
    const hovered = boxes.find(({ one }) => one.box.key === scene.hovered && one !== selected?.one);
    if (hovered) this.#emphasise(hovered.one, hovered.rect, scene, false);
    if (selected) this.#emphasise(selected.one, selected.rect, scene, true);
    this.#paintTags(boxes, scene);
    this.#paintPreview(scene);
  }

  /** Draws the thin boxes by kind of line. One rectangle at a time: a path with thousands of them is far slower. */
  #strokeAll(boxes: readonly { one: ShownBox; rect: Rect }[], scene: Scene): void {
    const context = this.#context;
    const groups = new Map<string, { one: ShownBox; rects: Strip[] }>();
    const outlined: Strip[] = [];
    for (const { one, rect } of boxes) {
      const id = `${one.box.classId} ${one.status} ${one.faint}`;
      const group = groups.get(id) ?? { one, rects: [] };
      groups.set(id, group);
      const strip = crisp(rect, scene.density);
      group.rects.push(strip);
      if (one.status === 'kept' && !one.faint) outlined.push(strip);
    }
    const around = scene.highContrast ? strongHalo : halo;
    this.#stroke(outlined, around, thick + 2);
    for (const { one, rects } of groups.values()) {
      const dashed = one.status !== 'kept';
      context.globalAlpha = one.faint ? 0.45 : 1;
      context.setLineDash(dashed ? [5, 4] : []);
      if (dashed || one.faint) this.#stroke(rects, around, thick + 2);
      this.#stroke(rects, toCss(classColour(one.box.classId)), thick);
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  #stroke(rects: readonly Strip[], style: string, width: number): void {
    this.#context.strokeStyle = style;
    this.#context.lineWidth = width;
    for (const [x, y, w, h] of rects) this.#context.strokeRect(x, y, w, h);
  }

  #emphasise(one: ShownBox, rect: Rect, scene: Scene, selected: boolean): void {
    const context = this.#context;
    const colour = classColour(one.box.classId);
    const [x, y, width, height] = crisp(rect, scene.density);
    context.fillStyle = toCss(colour, selected ? 0.14 : 0.1);
    context.fillRect(x, y, width, height);
    context.setLineDash(one.status === 'kept' ? [] : [5, 4]);
    const strip = [crisp(rect, scene.density)];
    this.#stroke(strip, 'rgb(0 0 0 / 75%)', thick + 4);
    this.#stroke(strip, selected ? '#ffffff' : toCss(colour), thick + 2);
    if (selected) this.#stroke(strip, toCss(colour), thick);
    context.setLineDash([]);
    if (!selected || !scene.editable || one.status === 'offered') return;
    const changed = scene.preview.changed;
    const box = changed?.key === one.box.key ? changed.rect : one.box;
    for (const [, at] of handlePositions(box, scene.viewport)) {
      context.fillStyle = '#ffffff';
      context.strokeStyle = 'rgb(0 0 0 / 85%)';
      context.lineWidth = 1;
      context.beginPath();
      context.rect(Math.round(at.x) - 3.5, Math.round(at.y) - 3.5, 7, 7);
      context.fill();
      context.stroke();
    }
  }

  #paintTags(boxes: readonly { one: ShownBox; rect: Rect }[], scene: Scene): void {
    const context = this.#context;
    this.#useFont(scene.font);
    const rank = (box: EditBox): number =>
      box.key === scene.selected ? 3 : box.key === scene.hovered ? 2 : (box.confidence ?? 1);
    const texts = new Map<number, { one: ShownBox; text: string }>();
    const requests: TagRequest[] = [];
    const most = Math.max(12, (scene.size.width * scene.size.height) / roomPerTag);
    for (const { one, rect } of boxes.toSorted((a, b) => rank(b.one.box) - rank(a.one.box))) {
      const { key } = one.box;
      const always = key === scene.selected || key === scene.hovered;
      if (requests.length >= most) break;
      if (!always && rect.x2 - rect.x1 < 10 && rect.y2 - rect.y1 < 10) continue;
      const text = this.#tagText(one, scene);
      texts.set(key, { one, text });
      requests.push({ key, box: rect, width: this.#widthOf(text) + 2 * tagPadding, always });
    }
    context.textBaseline = 'middle';
    const rects = boxes.map(({ rect }) => rect);
    for (const [key, at] of layoutTags(requests, tagHeight, scene.size, rects)) {
      const tag = texts.get(key);
      if (tag) this.#paintTag(tag.one, tag.text, at, key === scene.selected);
    }
  }

  #paintTag(one: ShownBox, text: string, at: Point, selected: boolean): void {
    const context = this.#context;
    const colour = classColour(one.box.classId);
    const x = Math.round(at.x);
    const y = Math.round(at.y);
    const width = Math.ceil(this.#widthOf(text)) + 2 * tagPadding;
    const filled = one.status === 'kept';
    context.globalAlpha = one.faint && !selected ? 0.6 : 1;
    context.fillStyle = filled ? toCss(colour) : 'rgb(20 20 20 / 82%)';
    context.beginPath();
    context.roundRect(x, y, width, tagHeight, 2);
    context.fill();
    if (!filled) {
      context.strokeStyle = toCss(colour);
      context.lineWidth = 1;
      context.setLineDash([3, 2]);
      context.strokeRect(x + 0.5, y + 0.5, width - 1, tagHeight - 1);
      context.setLineDash([]);
    }
    context.fillStyle = filled ? textColourOn(colour) : '#ffffff';
    context.fillText(text, x + tagPadding, y + tagHeight / 2 + 0.5);
    context.globalAlpha = 1;
  }

  #paintPreview(scene: Scene): void {
    const context = this.#context;
    const { drawn, points, crosshair } = scene.preview;
    const colour = toCss(classColour(scene.nextClass));
    if (crosshair !== null) {
      const at = toCanvas(scene.viewport, crosshair);
      for (const [style, dash] of [
        ['rgb(0 0 0 / 60%)', 0],
        ['rgb(255 255 255 / 85%)', 4],
      ] as const) {
        context.strokeStyle = style;
        context.lineWidth = 1;
        context.setLineDash(dash === 0 ? [] : [dash, dash]);
        context.beginPath();
        context.moveTo(Math.round(at.x) + 0.5, 0);
        context.lineTo(Math.round(at.x) + 0.5, scene.size.height);
        context.moveTo(0, Math.round(at.y) + 0.5);
        context.lineTo(scene.size.width, Math.round(at.y) + 0.5);
        context.stroke();
      }
      context.setLineDash([]);
    }
    if (drawn !== null) {
      const [x, y, width, height] = crisp(rectToCanvas(scene.viewport, drawn), scene.density);
      context.strokeStyle = halo;
      context.lineWidth = 4;
      context.strokeRect(x, y, width, height);
      context.strokeStyle = colour;
      context.lineWidth = 2;
      context.strokeRect(x, y, width, height);
      this.#useFont(scene.font);
      context.textBaseline = 'middle';
      const name = scene.classNames[scene.nextClass] ?? String(scene.nextClass);
      const text = `${name} ${sizeText(drawn)}`;
      const tagWidth = this.#widthOf(text) + 2 * tagPadding;
      const rect = { x1: x, y1: y, x2: x + width, y2: y + height };
      const at = layoutTags([{ key: 0, box: rect, width: tagWidth, always: true }], tagHeight, scene.size).get(0);
      const box: EditBox = { ...drawn, key: 0, classId: scene.nextClass, prediction: null, confidence: null };
      if (at) this.#paintTag({ box, status: 'kept', faint: false, others: 0 }, text, at, true);
    }
    for (const point of points) {
      const at = toCanvas(scene.viewport, point);
      context.beginPath();
      context.arc(at.x, at.y, 4, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      context.strokeStyle = '#000000';
      context.lineWidth = 1;
      context.stroke();
    }
  }

  #tagText({ box, status, others }: ShownBox, scene: Scene): string {
    const name = scene.classNames[box.classId] ?? `#${box.classId}`;
    const changed = scene.preview.changed;
    if (changed?.key === box.key) return `${name} ${sizeText(changed.rect)}`;
    const sure = box.confidence === null ? name : `${name} ${Math.round(box.confidence * 100)}%`;
    const text = others > 0 ? `${sure} +${others}` : sure;
    return status === 'offered' ? `+ ${text}` : text;
  }

  #place(box: EditBox, scene: Scene): Rect {
    const changed = scene.preview.changed;
    return rectToCanvas(scene.viewport, changed?.key === box.key ? changed.rect : box);
  }

  #useFont(font: string): void {
    this.#context.font = font;
    if (font === this.#font) return;
    this.#font = font;
    this.#widths.clear();
  }

  #widthOf(text: string): number {
    let width = this.#widths.get(text);
    if (width === undefined) {
      if (this.#widths.size > 5000) this.#widths.clear();
      width = this.#context.measureText(text).width;
      this.#widths.set(text, width);
    }
    return width;
  }
}

function sizeText(rect: Rect): string {
  return `${Math.round(rect.x2 - rect.x1)} × ${Math.round(rect.y2 - rect.y1)}`;
}

/** x, y, width and height, rounded to device pixels for sharp lines. */
function crisp(rect: Rect, density: number): Strip {
  const snap = (value: number): number => Math.round(value * density) / density;
  const x = snap(rect.x1);
  const y = snap(rect.y1);
  return [x, y, Math.max(snap(rect.x2) - x, 1 / density), Math.max(snap(rect.y2) - y, 1 / density)];
}
