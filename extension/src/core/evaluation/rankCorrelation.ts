/**
 * Spearman's rank correlation of two lists of equal length: Pearson's correlation of the ranks, ties sharing their mean
 * rank. −1…1; null if it is undefined: fewer than two values, or a constant list.
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length || a.length < 2) return null;
  const x = ranks(a);
  const y = ranks(b);
  // Ranks 1…n have this mean, ties or not.
  const mean = (a.length + 1) / 2;
  let both = 0;
  let squaresX = 0;
  let squaresY = 0;
  for (const [index, rank] of x.entries()) {
    const dx = rank - mean;
    const dy = (y[index] ?? mean) - mean;
    both += dx * dy;
    squaresX += dx * dx;
    squaresY += dy * dy;
  }
  return squaresX === 0 || squaresY === 0 ? null : both / Math.sqrt(squaresX * squaresY);
}

/** Rank of each value, 1 for the smallest; equal values share the mean of their ranks. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).toSorted((a, b) => a.value - b.value);
  const result: number[] = Array.from({ length: values.length }, () => 0);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value) end++;
    for (const { index } of order.slice(start, end)) result[index] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}
