export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = NaN, above = NaN] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  return (below + above) / 2;
}

export function round3<Value extends number | null>(value: Value): Value;
export function round3(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}

/**
 * Runs contenders in turns, so that all meet the same weather: every other round in reverse, and each beginning with
 * another one, so that none always follows the same other. Before that each runs once to fill its caches, which is not
 * counted.
 * @param contenders by name, functions that return the seconds they took.
 * @returns by name, the seconds of every round.
 */
export async function inTurns<Name extends string>(
  contenders: Readonly<Record<Name, () => Promise<number>>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[];
  const seconds = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (const name of names) await contenders[name]();
  for (let round = 0; round < rounds; round++) {
    const first = round % names.length;
    const turns = [...names.slice(first), ...names.slice(0, first)];
    for (const name of round % 2 === 0 ? turns : turns.toReversed()) seconds[name].push(await contenders[name]());
  }
  return seconds;
}

/** Within a round the machine is about the same: ratios are taken there, and their median counts. */
export function ratioOf<Name extends string>(
  seconds: Readonly<Record<Name, readonly number[]>>,
  other: Name,
  own: Name,
): number {
  return median(seconds[own].map((taken, index) => (seconds[other][index] ?? NaN) / taken));
}
