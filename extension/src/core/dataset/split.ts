import { createRandom, shuffled } from '../random.ts';
import { groupItems } from './splitGroups.ts';

/** A labelled image, reduced to what the split needs. */
export interface SplitItem {
  readonly id: number;
  /** Class ids of its boxes, repetitions allowed; empty for a background image. */
  readonly classIds: readonly number[];
  /** Images of one group stay on the same side: a capture group, or the content hash. */
  readonly group: string | null;
  /** A second reason to stay together; images joined by either are one group. */
  readonly contentHash?: string | null;
}

export interface SplitOptions {
  /** Share of the images to set aside, 0…1. */
  readonly share: number;
  readonly seed: number;
}

interface Unit {
  readonly ids: readonly number[];
  /** Images of the unit by class; `background` counts images without a box. */
  readonly counts: ReadonlyMap<number, number>;
}

const background = -1;

/**
 * Sets images aside for validation: seeded, stratified by class, groups undivided.
 *
 * Iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011) on groups: the class with the fewest undecided groups
 * goes first; its groups, larger ones first, go to the side that still wants most images of it, then most images at
 * all, then at random. Background images count as a class. With two or more groups both sides get at least one, and a
 * class that only one group contains stays in training.
 * @returns the ids of the validation images.
 */
export function splitValidation(items: readonly SplitItem[], { share, seed }: SplitOptions): number[] {
  const random = createRandom(seed);
  const units = shuffled(groupItems(items).map(toUnit), random).toSorted((a, b) => b.ids.length - a.ids.length);
  if (units.length < 2 || share <= 0) return [];
  const shares = { train: 1 - share, val: share };
  const totals = countAll(units);
  const wanted = { train: scaled(totals, shares.train), val: scaled(totals, shares.val) };
  const room = { train: items.length * shares.train, val: items.length * shares.val };
  const sides: { train: Unit[]; val: Unit[] } = { train: [], val: [] };
  const undecided = new Set(units);

  const place = (unit: Unit, side: 'train' | 'val'): void => {
    undecided.delete(unit);
    sides[side].push(unit);
    room[side] -= unit.ids.length;
    for (const [classId, count] of unit.counts) {
      wanted[side].set(classId, (wanted[side].get(classId) ?? 0) - count);
    }
  };

  for (let classId = rarest(undecided); classId !== null; classId = rarest(undecided)) {
    for (const unit of [...undecided].filter((candidate) => candidate.counts.has(classId))) {
      const difference = (wanted.train.get(classId) ?? 0) - (wanted.val.get(classId) ?? 0) || room.train - room.val;
      place(unit, difference > 0 || (difference === 0 && random() < shares.train) ? 'train' : 'val');
    }
  }
  balance(sides);
  return sides.val.flatMap((unit) => unit.ids);
}

function toUnit(members: readonly SplitItem[]): Unit {
  const counts = new Map<number, number>();
  for (const { classIds } of members) {
    for (const classId of classIds.length === 0 ? [background] : new Set(classIds)) {
      counts.set(classId, (counts.get(classId) ?? 0) + 1);
    }
  }
  return { ids: members.map(({ id }) => id), counts };
}

function countAll(units: Iterable<Unit>): Map<number, number> {
  const totals = new Map<number, number>();
  for (const { counts } of units) {
    for (const [classId, count] of counts) totals.set(classId, (totals.get(classId) ?? 0) + count);
  }
  return totals;
}

function scaled(totals: ReadonlyMap<number, number>, factor: number): Map<number, number> {
  return new Map([...totals].map(([classId, count]) => [classId, count * factor]));
}

/** The class that the fewest undecided groups contain, or `null` if none is left. */
function rarest(units: Iterable<Unit>): number | null {
  const groups = new Map<number, number>();
  for (const { counts } of units) {
    for (const classId of counts.keys()) groups.set(classId, (groups.get(classId) ?? 0) + 1);
  }
  let best: number | null = null;
  for (const [classId, count] of groups) {
    const least = best === null ? Number.POSITIVE_INFINITY : (groups.get(best) ?? 0);
    if (count < least || (count === least && best !== null && classId < best)) best = classId;
  }
  return best;
}

/** Gives an empty side the smallest group of the other. */
function balance(sides: { train: Unit[]; val: Unit[] }): void {
  const [empty, full] = sides.val.length === 0 ? [sides.val, sides.train] : [sides.train, sides.val];
  if (empty.length > 0) return;
  const smallest = full.reduce((a, b) => (b.ids.length < a.ids.length ? b : a));
  full.splice(full.indexOf(smallest), 1);
  empty.push(smallest);
}
