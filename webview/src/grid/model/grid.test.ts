import { describe, expect, it, test } from 'vitest';
import { createRandom } from '../../../../extension/src/core/random.ts';
import { captionHeight, fitted, gap, layoutOf, moved, scrollTopFor, visibleRows } from './layout.ts';
import { addRange, countPlaces, hasPlace, noPlaces, removePlace, togglePlace } from './places.ts';

describe('the layout', () => {
  it('fills the width with cells of one size', () => {
    const layout = layoutOf(100_000, 1000, 128);
    expect(layout.columns).toBe(7);
    expect(layout.rows).toBe(Math.ceil(100_000 / 7));
    expect(layout.columns * (layout.cellWidth + gap) + gap).toBeLessThanOrEqual(1000);
    expect((layout.columns + 1) * (128 + gap) + gap).toBeGreaterThan(1000);
    expect(layout.cellHeight).toBe(layout.cellWidth + captionHeight);
  });

  it('has one column if there is no room for two, and fits below the height that browsers can scroll', () => {
    expect(layoutOf(5, 60, 128)).toMatchObject({ columns: 1, rows: 5, cellWidth: 44 });
    expect(layoutOf(70_000, 400, 256)).toMatchObject({ columns: 1 });
    expect(layoutOf(100_000, 400, 256)).toMatchObject({ columns: 2, rows: 50_000 });
    expect(layoutOf(0, 400, 128)).toMatchObject({ rows: 0, height: gap });
  });

  it('draws the visible rows and some more', () => {
    const layout = layoutOf(1000, 1000, 128);
    expect(visibleRows(layout, 0, 500, 2)[0]).toBe(0);
    const [first, last] = visibleRows(layout, 10 * layout.rowHeight, 3 * layout.rowHeight, 1);
    expect([first, last]).toEqual([8, 13]);
    expect(visibleRows(layout, layout.height, 500, 2)[1]).toBe(layout.rows - 1);
    expect(visibleRows(layoutOf(0, 1000, 128), 0, 500, 2)).toEqual([0, -1]);
  });

  it('scrolls no more than needed', () => {
    const layout = layoutOf(1000, 1000, 128);
    const height = 3 * layout.rowHeight;
    expect(scrollTopFor(layout, 0, 0, height)).toBe(0);
    expect(scrollTopFor(layout, 7, 0, height)).toBe(0);
    expect(scrollTopFor(layout, 4 * 7, 0, height)).toBe(2 * layout.rowHeight + gap);
    expect(scrollTopFor(layout, 4 * 7, 10 * layout.rowHeight, height)).toBe(4 * layout.rowHeight);
  });

  it('shows an image whole, in the middle of the cell', () => {
    expect(fitted(400, 200, 100)).toEqual({ x: 0, y: 25, width: 100, height: 50 });
    expect(fitted(20, 40, 100)).toEqual({ x: 25, y: 0, width: 50, height: 100 });
    expect(fitted(null, null, 100)).toEqual({ x: 0, y: 0, width: 100, height: 100 });
  });
});

// 0 1 2 3
// 4 5 6 7
// 8 9
const to = (place: number, key: string): number | null => moved(place, key, 10, 4, 2);

describe('keys', () => {
  it('move by one cell, one row or one page', () => {
    expect([to(5, 'ArrowLeft'), to(5, 'ArrowRight'), to(5, 'ArrowUp'), to(5, 'ArrowDown')]).toEqual([4, 6, 1, 9]);
    expect([to(9, 'PageUp'), to(1, 'PageDown'), to(9, 'Home'), to(0, 'End')]).toEqual([1, 9, 0, 9]);
    expect(to(5, 'a')).toBeNull();
  });

  it('stay within the images', () => {
    expect([to(0, 'ArrowLeft'), to(9, 'ArrowRight'), to(2, 'ArrowUp'), to(9, 'ArrowDown')]).toEqual([0, 9, 2, 9]);
    // No cell is below the last of a full row: the last image is nearest.
    expect([to(6, 'ArrowDown'), to(3, 'PageDown'), to(7, 'PageDown'), to(2, 'PageUp')]).toEqual([9, 7, 7, 2]);
  });
});

test('chosen places are ranges that behave like a set', () => {
  const random = createRandom(3);
  const pick = (): number => Math.floor(random() * 30);
  let places = noPlaces;
  const expected = new Set<number>();
  for (let step = 0; step < 500; step++) {
    const [a, b] = [pick(), pick()];
    if (random() < 0.3) {
      places = addRange(places, a, b);
      for (let place = Math.min(a, b); place <= Math.max(a, b); place++) expected.add(place);
    } else if (random() < 0.5) {
      places = removePlace(places, a);
      expected.delete(a);
    } else {
      places = togglePlace(places, a);
      if (!expected.delete(a)) expected.add(a);
    }
    const found = Array.from({ length: 30 }, (_, place) => place).filter((place) => hasPlace(places, place));
    expect(found).toEqual([...expected].toSorted((x, y) => x - y));
    expect(countPlaces(places)).toBe(expected.size);
    for (const [index, [first]] of places.entries()) expect(first).toBeGreaterThan((places[index - 1]?.[1] ?? -2) + 1);
  }
});
