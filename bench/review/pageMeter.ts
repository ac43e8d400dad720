import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';

/** Times of one key in milliseconds of the page's clock; null for what did not happen. */
export interface KeyTimes {
  readonly down: number;
  /** The command of VS Code arrived. */
  readonly command: number | null;
  /** The first answer of the host after the command arrived. */
  readonly reply: number | null;
  /** The browser has shown the frame with the next image. */
  readonly painted: number;
}

/** Begins to measure in the page. */
export async function startMeter(frame: Frame): Promise<void> {
  const source = readFileSync(join(import.meta.dirname, 'meterSource.mjs'), 'utf8');
  await frame.evaluate(`{${source}}`);
}

/** Waits until an expression has a value in the page, whose CSP forbids Playwright's own way of waiting. */
export async function untilKnown(frame: Frame, expression: string): Promise<unknown> {
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    const value: unknown = await frame.evaluate(expression);
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Nothing came of ${expression} in 30 s.`);
}

/** Presses a key and waits for the next image. */
export async function timeKey(page: Page, frame: Frame, key: string): Promise<KeyTimes> {
  await page.keyboard.press(key);
  return (await untilKnown(frame, 'alMeter.last?.painted ? alMeter.last : null')) as KeyTimes;
}

/** How many keys were refused on the image so far, and the place of the open image in the queue. */
export async function refusalsAndPlace(frame: Frame): Promise<{ refusals: number; place: number }> {
  const [refusals, place] = await Promise.all([
    frame.evaluate('alMeter.refusals'),
    frame.locator('.header-facts strong').innerText(),
  ]);
  return { refusals: Number(refusals), place: Number.parseInt(place, 10) };
}

/** Drags the first box of the open image to and fro. @returns frames a second. */
export async function timeDrag(page: Page, frame: Frame, seconds: number): Promise<number> {
  const image = await frame.locator('.review-stage img').boundingBox();
  if (image === null) throw new Error('There is no image to drag on.');
  const box = { x: image.x + image.width * 0.02, y: image.y + image.height * 0.02 };
  await page.mouse.click(box.x, box.y);
  await page.mouse.move(box.x, box.y);
  await page.mouse.down();
  const count = async (): Promise<number> => Number(await frame.evaluate('alMeter.frames'));
  const [before, began] = [await count(), performance.now()];
  for (let step = 0; performance.now() - began < seconds * 1000; step++) {
    await page.mouse.move(box.x + 100 + 80 * Math.sin(step / 7), box.y + 100 + 80 * Math.cos(step / 5));
  }
  const frames = (await count()) - before;
  const passed = (performance.now() - began) / 1000;
  await page.mouse.up();
  return frames / passed;
}
