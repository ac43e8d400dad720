import type { Frame } from 'playwright-core';
import { iou } from '../../extension/src/core/detection/iou.ts';
import type { Detection, PixelBox } from '../../extension/src/core/detection/types.ts';
import type { Editor } from '../../extension/test/editor/support/editor.ts';
import type { PageElement } from '../../extension/test/editor/support/page.ts';
import { poll } from '../../extension/test/editor/support/poll.ts';

export interface TrueBox {
  readonly classId: number;
  readonly box: PixelBox;
}

export interface ReviewedImage {
  /** File name, as the page shows it. */
  readonly name: string;
  readonly width: number;
  readonly predicted: readonly Detection[];
  readonly truth: readonly TrueBox[];
}

/** What the reviewer did on one image. */
export interface Work {
  /** Boxes that the review showed as kept, which the reviewer had to look at. */
  looked: number;
  keys: number;
  /** Strokes with the mouse that resize a box. */
  drags: number;
  drawn: number;
  /** Seconds that passed, at the speed of the script. */
  machineSeconds: number;
}

interface Row {
  readonly text: string;
  readonly kept: boolean;
  readonly classId: number;
  readonly confidence: string;
  readonly size: string;
}

/** From this overlap on the reviewer leaves the edges of a box alone. */
const goodOverlap = 0.7;
/** From this overlap on the reviewer moves the edges of a box instead of drawing a new one. */
const sameObject = 0.4;
const answerLimit = 20_000;

/**
 * Reviews images as a person who knows the truth, with the keys and the mouse that a person has. Boxes that are right
 * cost nothing but a look; each of the others is visited with the key `.`, and removed, given its class or its edges.
 * Objects without a box are drawn; with `candidates` the reviewer first asks for the next weaker prediction (key M), until
 * one is wrong.
 */
export class ScriptedReviewer {
  readonly #editor: Editor;
  readonly #frame: Frame;
  readonly #classNames: readonly string[];
  readonly #candidates: boolean;
  #work: Work = noWork();

  constructor(editor: Editor, frame: Frame, classNames: readonly string[], options: { readonly candidates: boolean }) {
    this.#editor = editor;
    this.#frame = frame;
    this.#classNames = classNames;
    this.#candidates = options.candidates;
  }

  /** Reviews the open image and accepts it. Waits until it is painted, and at the end until it is gone. */
  async review(image: ReviewedImage): Promise<Work> {
    await this.#painted(image.name);
    this.#work = noWork();
    const began = performance.now();
    const missing = new Set(image.truth);
    const wrong = await this.#look(image, missing);
    await this.#visit(image, wrong);
    if (this.#candidates) await this.#bringIn(image, missing);
    for (const object of missing) await this.#draw(image, object);
    await this.#press('a');
    await this.#gone(image.name);
    this.#work.machineSeconds = (performance.now() - began) / 1000;
    return this.#work;
  }

  /** Takes the true objects with a box that needs no new one out of `missing`. @returns what is to do to which rows. */
  async #look(image: ReviewedImage, missing: Set<TrueBox>): Promise<Map<string, TrueBox | null>> {
    const rows = (await this.#rows()).filter(({ kept }) => kept);
    this.#work.looked = rows.length;
    const wrong = new Map<string, TrueBox | null>();
    const pairs = rows.flatMap((row) => {
      const prediction = this.#predictionOf(image, row);
      return prediction === null
        ? []
        : image.truth.map((object) => ({ row, object, overlap: iou(prediction.box, object.box) }));
    });
    const free = new Set(rows);
    for (const { row, object, overlap } of pairs.toSorted((a, b) => b.overlap - a.overlap)) {
      if (overlap < sameObject || !free.has(row) || !missing.has(object)) continue;
      free.delete(row);
      missing.delete(object);
      if (overlap < goodOverlap || row.classId !== object.classId) wrong.set(row.text, object);
    }
    for (const row of free) wrong.set(row.text, null);
    return wrong;
  }

  /** Goes through the boxes until each of the wrong ones was selected once. */
  async #visit(image: ReviewedImage, wrong: Map<string, TrueBox | null>): Promise<void> {
    const most = 4 * (await this.#rows()).length;
    for (let step = 0; wrong.size > 0 && step < most; step++) {
      const row = (await this.#selected()) ?? (await this.#pressAndRead('.'));
      const todo = row === null ? undefined : wrong.get(row.text);
      if (row === null || todo === undefined) {
        await this.#pressAndRead('.');
        continue;
      }
      wrong.delete(row.text);
      const prediction = this.#predictionOf(image, row);
      if (todo === null) await this.#pressAndRead('Delete');
      else if (prediction !== null) {
        if (row.classId !== todo.classId) await this.#giveClass(todo.classId);
        if (iou(prediction.box, todo.box) < goodOverlap) await this.#moveEdges(image, prediction.box, todo.box);
      }
    }
    if (wrong.size > 0)
      throw new Error(`These boxes of ${image.name} were never selected: ${[...wrong.keys()].join('; ')}`);
  }

  /** Asks for weaker predictions as long as they show an object that has no box yet. */
  async #bringIn(image: ReviewedImage, missing: Set<TrueBox>): Promise<void> {
    while (missing.size > 0) {
      const before = (await this.#rows()).filter(({ kept }) => kept).length;
      await this.#press('m');
      // If there is no weaker prediction, no box is added.
      const row = await this.#within(1000, async () =>
        (await this.#rows()).filter(({ kept }) => kept).length > before ? await this.#selected() : null,
      );
      if (row === null) return;
      this.#work.looked += 1;
      const prediction = this.#predictionOf(image, row);
      const found = [...missing].find(
        (object) => prediction !== null && iou(prediction.box, object.box) >= goodOverlap,
      );
      if (found === undefined) {
        await this.#pressAndRead('Delete');
        return;
      }
      missing.delete(found);
      if (row.classId !== found.classId) await this.#giveClass(found.classId);
    }
  }

  async #draw(image: ReviewedImage, object: TrueBox): Promise<void> {
    const before = (await this.#rows()).length;
    await this.#press('d');
    await this.#drag(image, { x: object.box.x1, y: object.box.y1 }, { x: object.box.x2, y: object.box.y2 });
    this.#work.drawn += 1;
    const row = await this.#within(answerLimit, async () =>
      (await this.#rows()).length > before ? this.#selected() : null,
    );
    if (row === null) throw new Error(`No box was drawn on ${image.name}.`);
    if (row.classId !== object.classId) await this.#giveClass(object.classId);
  }

  /** The digits are the classes of the selected box. */
  async #giveClass(classId: number): Promise<void> {
    await this.#press(String(classId + 1));
    await this.#within(answerLimit, async () => ((await this.#selected())?.classId === classId ? true : null));
  }

  /** Drags the upper left and the lower right corner of the selected box. */
  async #moveEdges(image: ReviewedImage, from: PixelBox, to: PixelBox): Promise<void> {
    const { scale } = await this.#place(image);
    // Handles of small boxes have a distance from them.
    const pads = (box: PixelBox): [number, number] => [
      Math.max(0, 28 / scale - (box.x2 - box.x1)) / 2,
      Math.max(0, 28 / scale - (box.y2 - box.y1)) / 2,
    ];
    const [x, y] = pads(from);
    // The handle jumps to the pointer, so that the pointer ends on the edge.
    await this.#drag(image, { x: from.x1 - x, y: from.y1 - y }, { x: to.x1, y: to.y1 });
    const between = { ...from, x1: to.x1, y1: to.y1 };
    const [x2, y2] = pads(between);
    await this.#drag(image, { x: between.x2 + x2, y: between.y2 + y2 }, { x: to.x2, y: to.y2 });
    this.#work.drags += 2;
  }

  /** Where the image is in the window, and how many pixels of the window one of the image takes. */
  async #place(image: ReviewedImage): Promise<{ x: number; y: number; scale: number }> {
    const shown = await this.#frame.locator('.review-stage img').first().boundingBox();
    if (shown === null) throw new Error('The page shows no image.');
    return { x: shown.x, y: shown.y, scale: shown.width / image.width };
  }

  async #drag(image: ReviewedImage, from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
    const { x, y, scale } = await this.#place(image);
    const { mouse } = this.#editor.page;
    await mouse.move(x + from.x * scale, y + from.y * scale);
    await mouse.down();
    await mouse.move(x + ((from.x + to.x) / 2) * scale, y + ((from.y + to.y) / 2) * scale, { steps: 2 });
    await mouse.move(x + to.x * scale, y + to.y * scale, { steps: 2 });
    await mouse.up();
  }

  async #press(key: string): Promise<void> {
    this.#work.keys += 1;
    await this.#editor.page.keyboard.press(key);
  }

  /** Presses a key that selects another box, or removes one. @returns the selected row. */
  async #pressAndRead(key: string): Promise<Row | null> {
    const state = async (): Promise<string> => JSON.stringify([await this.#rows(), await this.#selected()]);
    const before = await state();
    await this.#press(key);
    await this.#within(2000, async () => ((await state()) === before ? null : true));
    return this.#selected();
  }

  async #within<T>(limit: number, ask: () => Promise<T | null>): Promise<T | null> {
    const end = performance.now() + limit;
    for (;;) {
      const answer = await ask();
      if (answer !== null || performance.now() > end) return answer;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #rows(): Promise<Row[]> {
    return this.#read('.box-row .box-main');
  }

  async #selected(): Promise<Row | null> {
    return (await this.#read('.box-row.selected .box-main'))[0] ?? null;
  }

  async #read(selector: string): Promise<Row[]> {
    const texts = await this.#frame
      .locator(selector)
      .evaluateAll((all: PageElement[]) => all.map((row) => row.getAttribute('aria-label') ?? ''));
    return texts.map((text) => {
      const [name = '', confidence = '', size = '', kept = ''] = text.split(', ');
      return { text, kept: kept === 'is saved', classId: this.#classNames.indexOf(name), confidence, size };
    });
  }

  /** The prediction of a row; null for a box that was drawn. */
  #predictionOf(image: ReviewedImage, row: Row): Detection | null {
    const candidates = image.predicted.filter(({ box }) => {
      const size = `${Math.round(box.x2 - box.x1)} × ${Math.round(box.y2 - box.y1)}`;
      return size === row.size;
    });
    const exact = candidates.filter(({ confidence }) => row.confidence === `${Math.round(confidence * 100)}%`);
    return exact.find(({ classId }) => classId === row.classId) ?? exact[0] ?? null;
  }

  async #painted(name: string): Promise<void> {
    await poll(
      `${name} in the review`,
      60_000,
      async () => {
        const ready = await this.#frame.locator('.review-canvas[data-image=ready]').count();
        const shown = await this.#frame.locator('.path .file').innerText({ timeout: 2000 });
        return (ready > 0 && shown === name) || undefined;
      },
      10,
    );
  }

  /** Waits until another image is open. If nothing is kept, the page asks whether the image has no objects. */
  async #gone(name: string): Promise<void> {
    await poll(
      `the end of ${name}`,
      60_000,
      async () => {
        const text = await this.#frame.locator('#root').innerText();
        if (text.includes('as background?')) await this.#press('y');
        const file = this.#frame.locator('.path .file');
        return (await file.count()) === 0 || (await file.innerText({ timeout: 2000 })) !== name || undefined;
      },
      10,
    );
  }
}

function noWork(): Work {
  return { looked: 0, keys: 0, drags: 0, drawn: 0, machineSeconds: 0 };
}
