// @vitest-environment jsdom
import { act } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { hiddenAt } from './model/objects.ts';
import { fromPrediction, type ShownBox } from './model/boxes.ts';
import { keyEvent, openReview, type Opened, useBrowserParts } from './testing/renderReview.tsx';
import { sample } from './testing/samples.ts';

useBrowserParts();

const samples = [
  sample(11, [
    [10, 10, 60, 60, 0, 0.9],
    [100, 100, 300, 250, 1, 0.1],
    [120, 120, 280, 240, 2, 0.2],
  ]),
];

/** The canvas is 800 × 600 for an image of 400 × 300. */
function point(type: string, x: number, y: number): void {
  const canvas = document.querySelector('.review-canvas');
  const event = new MouseEvent(type, { bubbles: true, clientX: x * 2, clientY: y * 2 });
  act(() => void canvas?.dispatchEvent(event));
}

async function clickAt(page: Opened, x: number, y: number): Promise<void> {
  for (const type of ['pointermove', 'pointerdown', 'pointerup']) point(type, x, y);
  await page.settle();
}

const keptOf = ({ panel }: Opened): (number | null)[] =>
  panel.store.getState().draft?.history.present.boxes.map(({ prediction }) => prediction) ?? [];

describe('hidden predictions under the pointer', () => {
  it('are kept by a click while G is held, the surest first, and not after it is released', async () => {
    const page = await openReview({ samples });
    await clickAt(page, 200, 180);
    expect(keptOf(page)).toEqual([0]);
    await page.press('G');
    await clickAt(page, 200, 180);
    expect(keptOf(page)).toEqual([0, 2]);
    expect(page.panel.store.getState().selected).toBe(-3);
    act(() => void document.dispatchEvent(new KeyboardEvent('keyup', { key: 'g' })));
    await clickAt(page, 105, 105);
    expect(keptOf(page)).toEqual([0, 2]);
    await page.press('Ctrl+Z');
    expect(keptOf(page)).toEqual([0]);
  });

  it('stay hidden once the page loses the focus', async () => {
    const page = await openReview({ samples });
    await page.press('G');
    act(() => void window.dispatchEvent(new Event('blur')));
    await clickAt(page, 200, 180);
    expect(keptOf(page)).toEqual([0]);
  });

  it('are not asked for by typing the letter', async () => {
    const page = await openReview({ samples });
    await page.press('.', 'C');
    const field = document.querySelector('.class-picker input') ?? document.activeElement;
    expect(field).toBeInstanceOf(HTMLInputElement);
    act(() => void field?.dispatchEvent(keyEvent('G')));
    await page.press('Escape');
    await clickAt(page, 200, 180);
    expect(keptOf(page)).toEqual([0]);
  });

  it('are those of objects of which no box is visible', () => {
    const [kept, , other] = samples[0]?.predictions ?? [];
    if (kept === undefined || other === undefined) throw new Error('There are no predictions.');
    const shown: ShownBox[] = [{ box: fromPrediction(kept), status: 'kept', faint: false, others: 1 }];
    const alternative = { ...other, x1: 10, y1: 10, surer: kept.index };
    expect(hiddenAt(shown, [kept, alternative], { x: 20, y: 20 })).toBeNull();
    expect(hiddenAt([], [kept, alternative], { x: 20, y: 20 })?.prediction).toBe(kept.index);
    expect(hiddenAt([], [kept], { x: 200, y: 20 })).toBeNull();
  });
});
