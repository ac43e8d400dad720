/**
 * Keeps the order of both lists and spreads the second evenly over the first, so that every prefix has a part of both.
 */
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
