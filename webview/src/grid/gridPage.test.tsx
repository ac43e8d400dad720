// @vitest-environment jsdom
import { fireEvent } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { RequestFailed } from '../../../extension/src/protocol/channel.ts';
import { MemoryGrid, poolByScore } from './testing/memoryGrid.ts';
import { cellAt, drawn, openGrid, settle, shownNames, useBrowserParts } from './testing/renderGrid.tsx';

useBrowserParts();

const text = (): string => document.body.textContent ?? '';
/** With 5 columns. */
const rowHeight = 180;
const chosenPlaces = (): number[] =>
  [...document.querySelectorAll<HTMLElement>('.cell[aria-selected="true"]')].map(({ dataset }) =>
    Number(dataset['place']),
  );
const focused = (): number => Number(document.activeElement?.getAttribute('data-place') ?? -1);

describe('scrolling', () => {
  it('draws and reads only what is near the visible part of 100,000 images', async () => {
    const grid = new MemoryGrid(100_000);
    const { scrollTo } = await openGrid(grid);
    expect(drawn()).toEqual(Array.from({ length: 30 }, (_, place) => place));
    expect(shownNames()).toHaveLength(30);
    await scrollTo(10_000 * rowHeight);
    // The row with the focus stays.
    expect(drawn().slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(drawn().slice(5)[0]).toBe((10_000 - 3) * 5);
    expect(drawn().length).toBeLessThan(60);
    expect(cellAt(50_000).textContent).toContain('part_50001.jpg');
    expect(grid.reads.every(({ count }) => count <= 200)).toBe(true);
    const role = document.querySelector('[role="grid"]');
    expect(role?.getAttribute('aria-rowcount')).toBe('20000');
    expect(document.querySelector('[aria-rowindex="10001"]')?.contains(cellAt(50_000))).toBe(true);
  });

  it('never asks for what was scrolled past while another request was answered', async () => {
    const grid = new MemoryGrid(100_000);
    const { scrollTo } = await openGrid(grid);
    grid.reads.length = 0;
    const answers: (() => void)[] = [];
    grid.beforeCells = () => new Promise((resolve) => answers.push(resolve));
    await scrollTo(1000 * rowHeight);
    await scrollTo(2000 * rowHeight);
    await scrollTo(3000 * rowHeight);
    grid.beforeCells = () => Promise.resolve();
    answers[0]?.();
    await settle();
    expect(grid.reads.map(({ first }) => Math.round(first / 5000))).toEqual([1, 3]);
    expect(cellAt(15_000).textContent).toContain('part_15001.jpg');
  });

  it('asks for the missing thumbnails of the visible images, and shows them when they come', async () => {
    const grid = new MemoryGrid(100);
    await openGrid(grid);
    expect(grid.thumbnails).toEqual([Array.from({ length: 30 }, (_, index) => index + 1)]);
    expect(document.querySelectorAll('img')).toHaveLength(0);
    grid.host.channel.send('grid/thumbnail', { imageId: 3, url: 'thumbnails/3.webp' });
    grid.host.channel.send('grid/thumbnail', { imageId: 4, url: null });
    await settle();
    expect(cellAt(2).querySelector('img')?.getAttribute('src')).toBe('thumbnails/3.webp');
    expect(cellAt(3).querySelector('img')).toBeNull();
  });
});

describe('the keyboard', () => {
  it('moves the focus, extends what is chosen, toggles, chooses all and nothing', async () => {
    const grid = new MemoryGrid(1000);
    const { press } = await openGrid(grid);
    await press('ArrowRight', 'ArrowDown');
    expect([focused(), chosenPlaces()]).toEqual([6, []]);
    await press('Shift+ArrowRight', 'Shift+ArrowDown');
    expect([focused(), chosenPlaces()]).toEqual([12, [6, 7, 8, 9, 10, 11, 12]]);
    await press('Shift+ArrowUp');
    expect(chosenPlaces()).toEqual([6, 7]);
    await press('ArrowLeft', 'ArrowLeft', ' ');
    expect([focused(), chosenPlaces()]).toEqual([5, [5, 6, 7]]);
    await press(' ');
    expect(chosenPlaces()).toEqual([6, 7]);
    await press('Control+a');
    expect(text()).toContain('1000 chosen');
    await press('Escape');
    expect(text()).not.toContain('1000 chosen images1');
    expect(chosenPlaces()).toEqual([]);
    await press('End');
    expect(focused()).toBe(999);
    expect(document.querySelector('.scroller')?.scrollTop).toBeGreaterThan(0);
    await press('Home');
    expect(focused()).toBe(0);
  });

  it('opens an image, with the other chosen ones if it is one of them', async () => {
    const grid = new MemoryGrid(100);
    const { press, click } = await openGrid(grid);
    await press('ArrowRight', 'Enter', 'Shift+ArrowRight', 'Enter');
    await click(9);
    fireEvent.doubleClick(cellAt(9));
    await settle();
    expect(grid.opened).toEqual([
      { place: 1, places: [[1, 1]] },
      { place: 2, places: [[1, 2]] },
      { place: 9, places: [[9, 9]] },
    ]);
  });
});

it('the mouse chooses one image, adds one, or a range', async () => {
  const { click } = await openGrid(new MemoryGrid(100));
  await click(3);
  expect([focused(), chosenPlaces()]).toEqual([3, [3]]);
  await click(7, 'Control');
  expect(chosenPlaces()).toEqual([3, 7]);
  await click(10, 'Shift');
  expect(chosenPlaces()).toEqual([7, 8, 9, 10]);
});

it('says of each image its name, verdict or state, and boxes; several boxes of a class are one element', async () => {
  const grid = new MemoryGrid(30);
  grid.change(2, {
    boxes: [0.1, 0.4, 0.7].map((x) => ({ x, y: 0.2, width: 0.1, height: 0.2, classId: 1, confidence: null })),
  });
  await openGrid(grid);
  expect(cellAt(0).getAttribute('aria-label')).toBe('part_00001.jpg, label later, 1 box');
  expect(cellAt(1).getAttribute('aria-label')).toBe('part_00002.jpg, not labelled, 3 boxes');
  expect(cellAt(2).getAttribute('aria-label')).toBe('part_00003.jpg, labelled, 3 boxes');
  expect(cellAt(1).querySelectorAll('path.box')).toHaveLength(1);
  expect(cellAt(1).querySelector('path.box')?.getAttribute('d')).toContain('M0.4 0.2h0.1v0.2h-0.1z');
});

const choose = async (label: string, index: number): Promise<void> => {
  const dropdown = document.querySelector<HTMLElement & { selectedIndex: number }>(
    `vscode-dropdown[aria-label="${label}"]`,
  );
  if (dropdown === null) throw new Error(`There is no ${label}.`);
  dropdown.selectedIndex = index;
  fireEvent(dropdown, new Event('change', { bubbles: true }));
  await settle();
};

describe('filters', () => {
  it('show other images from the first one on, and can be cleared if nothing matches', async () => {
    const grid = new MemoryGrid(100);
    const { press } = await openGrid(grid);
    await press('Control+a', 'End');
    await choose('Verdict', 2);
    expect(grid.queries.at(-1)).toEqual({ ...poolByScore, verdict: 'accepted' });
    expect(shownNames()[0]).toBe('part_00006.jpg');
    expect(chosenPlaces()).toEqual([]);
    await choose('Verdict', 3);
    expect(text()).toContain('No image matches these filters.');
    for (const button of document.querySelectorAll<HTMLElement>('vscode-button')) {
      if (button.textContent === 'Clear filters') button.click();
    }
    await settle();
    expect(grid.queries.at(-1)).toEqual(poolByScore);
    await choose('Sort by', 3);
    expect(grid.queries.at(-1)?.order).toEqual({ kind: 'class', classId: 0 });
    document.querySelector<HTMLElement>('[aria-label="Reverse the order"]')?.click();
    await settle();
    expect(grid.queries.at(-1)?.reversed).toBe(true);
    expect(shownNames()[0]).toBe('part_00100.jpg');
  });
});

const verdictsOf = (grid: MemoryGrid): (string | null)[] => grid.images.slice(0, 8).map(({ verdict }) => verdict);

describe('actions', () => {
  it('give the chosen images a verdict, leave out those that have one, and are undone together', async () => {
    const grid = new MemoryGrid(100);
    const { press } = await openGrid(grid);
    const before = verdictsOf(grid);
    await press('ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'x');
    expect(verdictsOf(grid)).toEqual(before.with(1, 'rejected-unusable').with(3, 'rejected-unusable'));
    expect(text()).toContain('2 images were judged. Left out: 1 with a verdict or labels.');
    expect(cellAt(1).getAttribute('aria-label')).toContain('unusable');
    // They stay chosen, and in place.
    expect(chosenPlaces()).toEqual([1, 2, 3]);
    await press('u');
    expect(verdictsOf(grid)).toEqual(before);
    expect(text()).toContain('2 verdicts were taken back.');
  });

  it('act on the image with the focus if none is chosen', async () => {
    const grid = new MemoryGrid(100);
    const { press } = await openGrid(grid);
    await press('ArrowRight', 'a', 'ArrowRight', 'ArrowRight', 'q');
    expect(grid.images[1]?.verdict).toBe('accepted');
    expect(grid.queued).toEqual([[[3, 3]]]);
    expect(text()).toContain('1 image was added to the batch.');
  });

  it('show the near duplicates of an image, all chosen, and go back', async () => {
    const grid = new MemoryGrid(100);
    const { press } = await openGrid(grid);
    await press('ArrowRight', 'd');
    expect(grid.queries.at(-1)).toEqual({ ...poolByScore, source: 'duplicates', like: 2, order: { kind: 'source' } });
    expect([shownNames().length, chosenPlaces()]).toEqual([3, [0, 1, 2]]);
    for (const button of document.querySelectorAll<HTMLElement>('vscode-button')) {
      if (button.textContent === 'Back') button.click();
    }
    await settle();
    expect(grid.queries.at(-1)).toEqual(poolByScore);
  });

  it('do nothing if the user declines, and are locked with a reason', async () => {
    const grid = new MemoryGrid(100);
    const { press } = await openGrid(grid);
    grid.fail = new RequestFailed({ code: 'cancelled', message: 'Nothing was changed.', hint: '' });
    const before = verdictsOf(grid);
    await press('Control+a', 'b');
    expect(verdictsOf(grid)).toEqual(before);
    expect(document.querySelector('.ui-message')).toBeNull();
    grid.state = { ...grid.state, lockReason: 'Read-only.' };
    grid.change(1, {});
    await settle();
    await press('b', 'q');
    expect([verdictsOf(grid), grid.queued]).toEqual([before, []]);
    expect(text()).toContain('Read-only.');
  });
});

describe('changes', () => {
  it('of images are shown in place, and the order stays', async () => {
    const grid = new MemoryGrid(100);
    await openGrid(grid);
    const before = shownNames();
    grid.change(2, { verdict: 'skipped', boxes: [] });
    await settle();
    expect(cellAt(1).getAttribute('aria-label')).toBe('part_00002.jpg, skipped, 0 boxes');
    expect(shownNames()).toEqual(before);
    expect(grid.queries).toHaveLength(1);
  });

  it('of the host: a restarted one lists the images again', async () => {
    const grid = new MemoryGrid(1000);
    const { scrollTo } = await openGrid(grid);
    grid.restart();
    await scrollTo(100 * rowHeight);
    expect(grid.queries).toHaveLength(2);
    expect(text()).not.toContain('Outdated');
  });

  it('of the window: a page that was hidden continues where it was', async () => {
    const grid = new MemoryGrid(1000);
    const first = await openGrid(grid);
    await first.press('PageDown', ' ', 'ArrowRight', ' ');
    first.panel.dispose();
    document.body.replaceChildren();
    await openGrid(grid);
    expect(grid.queries).toHaveLength(1);
    expect(chosenPlaces()).toEqual([15, 16]);
    expect(cellAt(16).tabIndex).toBe(0);
    // A command asks for something else meanwhile.
    document.body.replaceChildren();
    grid.isAsked = true;
    grid.start = { ...poolByScore, source: 'batch', order: { kind: 'source' } };
    await openGrid(grid);
    expect(grid.queries.at(-1)).toEqual(grid.start);
    expect(chosenPlaces()).toEqual([]);
  });
});

it('a failure is shown, and the request can be sent again', async () => {
  const grid = new MemoryGrid(100);
  grid.fail = new RequestFailed({ code: 'store-closed', message: 'The database is closed.', hint: 'Wait.' });
  await openGrid(grid);
  expect(text()).toContain('The database is closed.');
  document.querySelector<HTMLElement>('vscode-button')?.click();
  await settle();
  expect(shownNames()[0]).toBe('part_00001.jpg');
});
