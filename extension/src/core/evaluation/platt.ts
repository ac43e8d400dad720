import { logit, sigmoid } from './logit.ts';

/** p = σ(slope · logit(confidence) + bias): the probability that a prediction of this confidence is right. */
export interface Calibration {
  readonly slope: number;
  readonly bias: number;
}

/** A prediction that a person has judged. */
export interface Judged {
  /** 0…1. */
  readonly confidence: number;
  readonly right: boolean;
}

const steps = 50;

/**
 * Platt scaling (J. Platt, 1999) on the logit of the confidence, by Newton's method. The penalty
 * prior/2 · ((slope − 1)² + bias²) pulls towards a calibrated model, and keeps the fit finite if a confidence separates
 * right from wrong.
 * @param prior 0 for the maximum of the likelihood.
 */
export function fitPlatt(judged: readonly Judged[], prior: number): Calibration {
  let [slope, bias] = [1, 0];
  const points = judged.map(({ confidence, right }) => ({ z: logit(confidence), y: Number(right) }));
  const loss = (a: number, b: number): number =>
    points.reduce((sum, { z, y }) => sum + softplus(a * z + b) - y * (a * z + b), 0) +
    (prior / 2) * ((a - 1) ** 2 + b ** 2);
  for (let step = 0; step < steps; step++) {
    let [ga, gb, haa, hab, hbb] = [prior * (slope - 1), prior * bias, prior, 0, prior];
    for (const { z, y } of points) {
      const p = sigmoid(slope * z + bias);
      const w = p * (1 - p);
      ga += (p - y) * z;
      gb += p - y;
      haa += w * z * z;
      hab += w * z;
      hbb += w;
    }
    const determinant = haa * hbb - hab * hab;
    if (!(determinant > 1e-12)) break;
    const da = (hbb * ga - hab * gb) / determinant;
    const db = (haa * gb - hab * ga) / determinant;
    let length = 1;
    const before = loss(slope, bias);
    while (length > 1e-6 && loss(slope - length * da, bias - length * db) > before) length /= 2;
    slope -= length * da;
    bias -= length * db;
    if (Math.abs(length * da) + Math.abs(length * db) < 1e-10) break;
  }
  return { slope, bias };
}

/** The confidence at which the calibrated probability is `probability`; null if no confidence decides it. */
export function confidenceAt({ slope, bias }: Calibration, probability: number): number | null {
  return slope > 0.05 ? sigmoid((logit(probability) - bias) / slope) : null;
}

function softplus(value: number): number {
  return value > 30 ? value : Math.log1p(Math.exp(value));
}
