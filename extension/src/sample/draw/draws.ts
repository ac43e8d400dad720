import type { Random } from '../../core/random.ts';

/** A uniform draw in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** A uniform whole number from low to high, both included. */
export function wholeBetween(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** True with the given probability. */
export function chance(random: Random, probability: number): boolean {
  return random() < probability;
}

/** One of the items, each equally likely. Throws a RangeError for an empty list. */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('Cannot pick from an empty list');
  return item;
}

/** One of the items with probability proportional to its weight. Throws a RangeError for an empty list. */
export function pickWeighted<T>(random: Random, items: readonly (readonly [T, number])[]): T {
  let rest = random() * items.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of items) {
    rest -= weight;
    if (rest < 0) return item;
  }
  const last = items.at(-1);
  if (last === undefined) throw new RangeError('Cannot pick from an empty list');
  return last[0];
}

/** A draw from the standard normal distribution (Box-Muller). */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A whole number below 2^32 that seeds another random source. */
export function freshSeed(random: Random): number {
  return Math.floor(random() * 4294967296);
}
