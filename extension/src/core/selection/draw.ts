import type { Random } from '../random.ts';

/** `count` different items in random order, each set equally likely; all of them when there are fewer. */
export function draw<T>(items: readonly T[], count: number, random: Random): T[] {
  const rest = [...items];
  const wanted = Math.min(count, rest.length);
  for (let i = 0; i < wanted; i++) {
    const j = i + Math.floor(random() * (rest.length - i));
    [rest[i], rest[j]] = [rest[j] as T, rest[i] as T];
  }
  return rest.slice(0, wanted);
}

/** Both lists in their own order, the second one spread evenly over the first, so that every prefix has its part of both. */
export function interleave<T>(main: readonly T[], spread: readonly T[]): T[] {
  const total = main.length + spread.length;
  const result: T[] = [];
  let fromMain = 0;
  let fromSpread = 0;
  for (let i = 0; i < total; i++) {
    const due = Math.floor(((i + 0.5) * spread.length) / total + 0.5);
    const item = fromSpread < due || fromMain >= main.length ? spread[fromSpread++] : main[fromMain++];
    result.push(item as T);
  }
  return result;
}
