import type { Frame, Locator } from 'playwright-core';
import type { Editor } from '../support/editor.ts';
import type { PageElement } from '../support/page.ts';
import { findWebview } from '../support/parts.ts';
import { poll } from '../support/poll.ts';
import type { Box, Sample } from './sessionData.ts';

/** A busy machine takes minutes for what takes seconds. */
const limit = 240_000;

/** An image element as functions that run in the page see it. */
interface Picture {
  readonly complete: boolean;
  readonly naturalWidth: number;
}

/** The review panel as a person sees it: keys, mouse, and what it says. Frames come and go, so it is found anew. */
export class ReviewPage {
  readonly #editor: Editor;

  constructor(editor: Editor) {
    this.#editor = editor;
  }

  frame(): Promise<Frame> {
    return findWebview(this.#editor.page, '.review', limit);
  }

  async text(): Promise<string> {
    return (await this.frame()).locator('#root').innerText();
  }

  async waitForText(wanted: string): Promise<void> {
    await poll(`"${wanted}" in the review`, limit, async () => (await this.text()).includes(wanted) || undefined);
  }

  /** Waits until the picture of a sample is drawn, its boxes with it. */
  async waitForSample(sample: Sample): Promise<void> {
    const name = sample.path.slice(sample.path.lastIndexOf('/') + 1);
    await poll(`the picture ${name}`, limit, async () => {
      const frame = await this.frame();
      const shown = await frame.locator('.path .file').innerText({ timeout: 2000 });
      const drawn = await frame
        .locator('.review-stage img')
        .evaluate((image: Picture) => image.complete && image.naturalWidth > 0, undefined, { timeout: 2000 });
      return (shown === name && drawn) || undefined;
    });
    // The boxes are drawn in the frame after.
    await this.#editor.page.waitForTimeout(300);
  }

  /** Opens a sample by its place in the queue, from 1. */
  async open(place: number): Promise<void> {
    const button = (await this.frame()).getByRole('button', { name: new RegExp(`^Image ${place}:`) });
    await button.click();
  }

  async press(name: RegExp | string): Promise<void> {
    await (await this.frame()).getByRole('button', { name }).first().click();
  }

  async boxRows(): Promise<string[]> {
    const rows: Locator = (await this.frame()).locator('.box-row .box-main');
    return rows.evaluateAll((all: PageElement[]) => all.map((row) => row.getAttribute('aria-label') ?? ''));
  }

  /** Where a point of the image is in the window, and how many pixels of the window one of the image takes. */
  async place(sample: Sample, x: number, y: number): Promise<{ x: number; y: number; scale: number }> {
    const image = await (await this.frame()).locator('.review-stage img').first().boundingBox();
    if (image === null) throw new Error('The picture is not to be seen.');
    const scale = image.width / sample.width;
    return { x: image.x + x * scale, y: image.y + y * scale, scale };
  }

  /** How much wider than high the picture is drawn; it must be as the image is, or boxes lie elsewhere than they are. */
  async aspect(): Promise<number> {
    const image = await (await this.frame()).locator('.review-stage img').first().boundingBox();
    return image === null ? Number.NaN : image.width / image.height;
  }

  /** Drags with the left button, in steps as a hand does; `before` runs with the button still down. */
  async drag(
    from: { x: number; y: number },
    to: { x: number; y: number },
    before: () => Promise<unknown> = async () => undefined,
  ): Promise<void> {
    const { mouse } = this.#editor.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
    await mouse.move(to.x, to.y, { steps: 4 });
    await before();
    await mouse.up();
  }

  /** Selects a box by clicking on its row, and drags its lower right corner. @returns by how many pixels of the image. */
  async dragCorner(
    sample: Sample,
    box: Box,
    row: number,
    by: { x: number; y: number },
    before?: () => Promise<unknown>,
  ): Promise<{ x: number; y: number }> {
    await (await this.frame()).locator('.box-row .box-main').nth(row).click();
    const from = await this.place(sample, box.x2, box.y2);
    // Handles of small boxes stand off from them.
    const pad = (length: number): number => Math.max(0, (28 - length * from.scale) / 2);
    const grip = { x: from.x + pad(box.x2 - box.x1), y: from.y + pad(box.y2 - box.y1) };
    await this.drag(grip, { x: grip.x + by.x, y: grip.y + by.y }, before);
    return { x: by.x / from.scale, y: by.y / from.scale };
  }
}
