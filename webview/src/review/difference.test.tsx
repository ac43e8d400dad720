// @vitest-environment jsdom
import { act } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { predictedBoxes } from './model/difference.ts';
import { buttonNamed, openReview, useBrowserParts, type Opened } from './testing/renderReview.tsx';
import { threeSamples } from './testing/samples.ts';

useBrowserParts();

const summary = (): string => document.querySelector('.difference p')?.textContent ?? '';
const rows = (): (string | null)[] =>
  [...document.querySelectorAll('.difference li span:last-child')].map(({ textContent }) => textContent);
const scores = (): (string | null)[] =>
  [...document.querySelectorAll('.class-scores .score')].map(({ textContent }) => textContent);
const painted = ({ panel }: Opened): number => predictedBoxes(panel.store.getState()).length;

describe('comparing with the predictions', () => {
  it('follows the edits, and paints what the model had in their place', async () => {
    const page = await openReview();
    expect(document.querySelector('.difference')).toBeNull();
    await page.press('W');
    expect(summary()).toBe('2 kept');
    expect(rows()).toEqual([]);
    await page.press('.', '3', '.', 'E', 'Shift+ArrowRight');
    expect(summary()).toBe('1 moved, 1 with another class');
    expect(rows()).toEqual(['bolt → washer', 'nut moved, IoU 78%']);
    expect(painted(page)).toBe(2);
    await page.press('Delete');
    expect(rows()).toEqual(['bolt → washer', 'nut 60% dropped']);
    expect(painted(page)).toBe(2);
    // Hidden boxes are not painted.
    await page.press('H');
    expect(painted(page)).toBe(0);
  });

  it('compares what was saved after the verdict, and stays on for the next image', async () => {
    const page = await openReview();
    await page.press('.', 'E', 'Shift+ArrowRight', 'A');
    await page.press('W');
    expect(summary()).toBe('1 kept');
    await page.press('ArrowLeft');
    expect(rows()).toEqual(['bolt moved, IoU 67%']);
    await page.press('W');
    expect(document.querySelector('.difference')).toBeNull();
  });

  it('paints a dropped prediction once: one that can be kept again is painted already', async () => {
    const page = await openReview();
    await page.press('W', '.', 'K');
    expect(rows()).toEqual(['bolt 90% dropped']);
    expect(painted(page)).toBe(0);
  });

  it('has nothing to compare where no labels were saved, and a row selects its box', async () => {
    const page = await openReview();
    await page.press('X', 'W', 'ArrowLeft');
    expect(summary()).toBe('There is nothing to compare on this image.');
    await page.press('ArrowRight', '.', '1', 'Escape');
    act(() => document.querySelector<HTMLElement>('.difference button')?.click());
    expect(page.panel.store.getState().selected).toBe(-1);
  });

  it('is a button of the toolbar too', async () => {
    const page = await openReview();
    await page.click('Compare with the predictions');
    expect(summary()).toBe('2 kept');
    expect(buttonNamed('Compare with the predictions')?.getAttribute('aria-pressed')).toBe('true');
  });
});

describe('the class scores of the selected box', () => {
  it('are shown with the highest first, and not for a box that has none', async () => {
    const [first, ...others] = threeSamples();
    if (first === undefined) throw new Error('There is no sample.');
    const classScores = [
      { classId: 0, score: 0.9 },
      { classId: 2, score: 0.31 },
    ];
    const predictions = first.predictions.map((one) => (one.index === 0 ? { ...one, classScores } : one));
    const page = await openReview({ samples: [{ ...first, predictions }, ...others] });
    expect(scores()).toEqual([]);
    await page.press('.');
    expect(scores()).toEqual(['1 bolt90%', '3 washer31%']);
    await page.press('.');
    expect(scores()).toEqual([]);
  });
});
