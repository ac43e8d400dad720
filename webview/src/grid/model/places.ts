import type { Places } from '../../../../extension/src/protocol/grid.ts';

// Chosen places as sorted ranges that do not touch, so that all of 100,000 images are one range.

export const noPlaces: Places = [];

export function countPlaces(places: Places): number {
  return places.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

export function hasPlace(places: Places, place: number): boolean {
  return places.some(([first, last]) => first <= place && place <= last);
}

/** Adds a range; its ends may be given in any order. */
export function addRange(places: Places, from: number, to: number): Places {
  let [first, last] = from <= to ? [from, to] : [to, from];
  const apart = places.filter((range) => {
    if (range[1] < first - 1 || range[0] > last + 1) return true;
    first = Math.min(first, range[0]);
    last = Math.max(last, range[1]);
    return false;
  });
  return [...apart, [first, last] as const].toSorted((a, b) => a[0] - b[0]);
}

export function removePlace(places: Places, place: number): Places {
  return places.flatMap(([first, last]): Places => {
    if (place < first || place > last) return [[first, last]];
    const before: Places = first < place ? [[first, place - 1]] : [];
    return place < last ? [...before, [place + 1, last]] : before;
  });
}

export function togglePlace(places: Places, place: number): Places {
  return hasPlace(places, place) ? removePlace(places, place) : addRange(places, place, place);
}
