/**
 * Entropy in bits of a yes-or-no question with probability p: −p log₂ p − (1 − p) log₂(1 − p). 0 at p = 0 and 1,
 * 1 at p = 0.5. The right entropy for YOLO, whose class scores are sigmoids and do not sum to 1.
 * Source: C. E. Shannon, A Mathematical Theory of Communication (1948).
 */
export function binaryEntropy(probability: number): number {
  const p = Math.min(Math.max(probability, 0), 1);
  if (p === 0 || p === 1) return 0;
  return Math.min(1, -(p * Math.log2(p) + (1 - p) * Math.log2(1 - p)));
}
