// @vitest-environment jsdom
import { act, fireEvent } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { failure } from './testing/memoryReview.ts';
import { buttonNamed, openReview, type Opened, useBrowserParts } from './testing/renderReview.tsx';
import { sample } from './testing/samples.ts';

useBrowserParts();

const samples = [
  sample(11, [[10, 10, 60, 60, 0, 0.97]]),
  sample(12, [
    [10, 10, 60, 60, 0, 0.99],
    [100, 100, 180, 160, 1, 0.92],
    [200, 20, 240, 80, 2, 0.1],
  ]),
  sample(13, [[20, 20, 40, 40, 2, 0.6]]),
  sample(14, [[20, 20, 40, 40, 2, 0.12]]),
  sample(15, [[20, 20, 40, 40, 2, 0.95]]),
];

async function openSheet(prepare: (page: Opened) => void = () => undefined): Promise<Opened> {
  const page = await openReview({ samples });
  prepare(page);
  await page.press('Shift+A');
  return page;
}

const tiles = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('.tile')];
const names = (): (string | null)[] => tiles().map((tile) => tile.querySelector('.tile-name')?.textContent ?? null);

async function chooseThreshold(page: Opened, value: number): Promise<void> {
  const slider = document.querySelector('.confident input[type="range"]');
  act(() => void fireEvent.change(slider ?? document.body, { target: { value: String(value) } }));
  await page.settle();
}

describe('accepting confident images', () => {
  it('shows the open images whose boxes all reach the threshold, the least sure first, with the boxes it saves', async () => {
    const page = await openSheet();
    expect(names()).toEqual(['12.jpg', '15.jpg', '11.jpg']);
    expect(tiles()[0]?.querySelectorAll('rect')).toHaveLength(2);
    expect(tiles()[0]?.getAttribute('aria-label')).toBe('12.jpg, 2 boxes, from 92%');
    expect(buttonNamed('Accept 3 images')).not.toBeNull();
    expect(page.review.submissions).toEqual([]);
  });

  it('counts again as the threshold moves', async () => {
    const page = await openSheet();
    await chooseThreshold(page, 96);
    expect(names()).toEqual(['11.jpg']);
    expect(buttonNamed('Accept 1 image')).not.toBeNull();
    await chooseThreshold(page, 50);
    expect(names()).toEqual(['13.jpg', '12.jpg', '15.jpg', '11.jpg']);
    await chooseThreshold(page, 99);
    expect(tiles()).toEqual([]);
    expect(page.text()).toContain('No image has only boxes from 99%.');
    await page.click('Accept 0 images');
    expect(page.review.calls).not.toContain('accept-many');
  });

  it('accepts all but the images that were taken out, and one undo takes all back', async () => {
    const page = await openSheet();
    act(() => tiles()[1]?.click());
    expect(tiles()[1]?.getAttribute('aria-label')).toBe('15.jpg, 1 box, from 95%, is left out');
    await page.click('Accept 2 images');
    expect(page.review.judged(12)).toMatchObject({ verdict: 'accepted', labels: [{ x1: 10 }, { x1: 100 }] });
    expect(page.review.judged(15).verdict).toBeNull();
    expect(page.text()).toContain('2 images accepted.');
    expect(document.querySelector('.confident')).toBeNull();
    expect(page.panel.store.getState().host?.undo).toMatchObject({ verdict: 'accepted', count: 2 });
    await page.press('U');
    expect([11, 12].map((id) => page.review.judged(id).verdict)).toEqual([null, null]);
    expect(page.text()).toContain('Undone: accepted, 2 images.');
    expect(page.text()).not.toContain('2 images accepted.');
  });

  it('an undo that leaves images out says how many', async () => {
    const page = await openSheet(({ review }) => (review.keptByUndo = 1));
    await page.click('Accept 3 images');
    await page.press('U');
    expect(page.text()).toContain('Undone: accepted, 2 images. 1 was judged or edited meanwhile, and stays as it is.');
  });

  it('says how many were judged meanwhile, and why one could not be saved', async () => {
    const page = await openSheet(({ review }) => (review.failMany = { count: 1, reason: 'The disk is full.' }));
    page.review.judge(11, 'skipped', null);
    await page.click('Accept 3 images');
    expect(page.text()).toContain(
      '2 images accepted. 1 was judged or edited meanwhile, and stays as it is. 1 could not be saved: The disk is full.',
    );
    expect(page.review.judged(11).verdict).toBe('skipped');
  });

  it('can be tried again after a failure', async () => {
    const page = await openSheet();
    page.review.failNext = failure('busy');
    await page.click('Accept 3 images');
    expect(page.text()).toContain('It failed: busy.');
    await page.click('Try again');
    expect(page.review.judged(11).verdict).toBe('accepted');
  });

  it('works with the keyboard, gives no verdict by keys meanwhile, and Escape closes it', async () => {
    const page = await openSheet();
    act(() => tiles()[0]?.focus());
    await page.press('ArrowRight', 'End');
    expect(document.activeElement).toBe(tiles()[2]);
    await page.press('Home', 'A', 'ArrowRight');
    expect(page.review.submissions).toEqual([]);
    expect(page.panel.store.getState().host?.current?.sampleId).toBe(11);
    await page.press('Escape');
    expect(document.querySelector('.confident')).toBeNull();
  });

  it('is not offered for a list of images, or when all are judged', async () => {
    const page = await openReview({ samples: samples.slice(0, 1) });
    expect(buttonNamed('Accept confident images…')).not.toBeNull();
    await page.press('A', 'Shift+A');
    expect(document.querySelector('.confident')).toBeNull();
    const { host } = page.panel.store.getState();
    if (host !== null) act(() => page.panel.store.dispatch({ type: 'host', state: { ...host, listTitle: 'Errors' } }));
    expect(buttonNamed('Accept confident images…')).toBeNull();
  });
});
