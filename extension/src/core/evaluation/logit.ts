/** log(p / (1 − p)); p stays within 10⁻⁶…1 − 10⁻⁶, so that the result is finite. */
export function logit(probability: number): number {
  const inside = Math.min(Math.max(probability, 1e-6), 1 - 1e-6);
  return Math.log(inside / (1 - inside));
}

/** 1 / (1 + e^−x), the inverse of `logit`. */
export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/**
 * A measured probability shrunk towards a prior on the scale of logits: λ · logit measured + (1 − λ) · logit prior with
 * λ = n / (n + priorWeight). The estimate of a normal mean with a normal prior whose noise falls as 1/n (empirical Bayes;
 * B. Efron and C. Morris, 1973).
 */
export function shrinkTowards(prior: number, measured: number, n: number, priorWeight: number): number {
  const trust = n / (n + priorWeight);
  return sigmoid(trust * logit(measured) + (1 - trust) * logit(prior));
}
