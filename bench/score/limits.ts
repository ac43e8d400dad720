/** What scoring must reach, as shares of another's images a second; there is no allowance for a noisy machine. */
const leastToFloor = 0.9;
const leastToOnnx = 1.25;
/** Where the images have the model's size already, a rectangular letterbox saves no pixel. */
const leastToOnnxAtFullSize = 1;
const leastToPytorch = 1.8;
const fast = { ratioToFp32: 1.4, rankCorrelation: 0.97, map5095Delta: 0.01 } as const;

/** The figures of one set that have a limit; null where one was not measured. */
export interface LimitedFigures {
  readonly ratioToFloor: number | null;
  readonly ratioToUltralyticsOnnx: number | null;
  readonly ratioToUltralyticsPytorch: number | null;
  /** The share of a square input's pixels that is predicted; 1 if none are saved. */
  readonly shareOfSquare: number;
  readonly fast?: {
    readonly ratioToFp32: number;
    /** Null where all scores of a model are equal. */
    readonly rankCorrelation: number | null;
    readonly map5095Delta: number | null;
  } | null;
}

/**
 * The limits that a set misses, each as a sentence.
 * @param vnni whether the processor multiplies 8-bit integers in one instruction; only then an int8 model must be faster.
 */
export function missedLimits(set: string, figures: LimitedFigures, vnni: boolean | null): readonly string[] {
  const misses: string[] = [];
  const atLeast = (name: string, value: number | null, limit: number): void => {
    if (value !== null && value < limit) misses.push(`${set}: ${name} is ${value}, below ${limit}.`);
  };
  atLeast('ratioToFloor', figures.ratioToFloor, leastToFloor);
  const onnx = figures.shareOfSquare < 1 ? leastToOnnx : leastToOnnxAtFullSize;
  atLeast('ratioToUltralyticsOnnx', figures.ratioToUltralyticsOnnx, onnx);
  atLeast('ratioToUltralyticsPytorch', figures.ratioToUltralyticsPytorch, leastToPytorch);
  if (figures.fast === undefined || figures.fast === null) return misses;
  const { ratioToFp32, rankCorrelation, map5095Delta } = figures.fast;
  if (vnni === true) atLeast('fast.ratioToFp32', ratioToFp32, fast.ratioToFp32);
  // The product does not use a model whose ranking says nothing.
  if (rankCorrelation === null) misses.push(`${set}: fast.rankCorrelation cannot be told: all scores are equal.`);
  atLeast('fast.rankCorrelation', rankCorrelation, fast.rankCorrelation);
  if (map5095Delta !== null && Math.abs(map5095Delta) > fast.map5095Delta) {
    misses.push(`${set}: fast.map5095Delta is ${map5095Delta}, further from 0 than ${fast.map5095Delta}.`);
  }
  return misses;
}
