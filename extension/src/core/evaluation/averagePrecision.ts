import { IOU_THRESHOLDS, type ClassMatches, type BoxMatches } from './matching.ts';

/** COCO reads precision at recall 0, 0.01, …, 1. */
const RECALL_POINTS = 101;

/** How many of the 101 recall points are at or below `recall`, with the rounding of numpy's `linspace(0, 1, 101)`. */
export function recallPointsUpTo(recall: number): number {
  let point = Math.min(Math.floor(recall * 100), 100);
  while (point < 100 && (point + 1) * 0.01 <= recall) point++;
  while (point >= 0 && point * 0.01 > recall) point--;
  return point + 1;
}

/**
 * Average precision of one class at each of `IOU_THRESHOLDS`, COCO's 101-point interpolation: the mean, over the recall
 * points, of the highest precision at that recall or a higher one (pycocotools, `COCOeval.accumulate`).
 * @param weights how often each image counts (bootstrap); without it once.
 * @returns `null` if no counted image contains an object of the class.
 */
export function averagePrecisions(matches: ClassMatches, weights?: Int32Array): Float64Array | null {
  const { hits, images, relevant, truthBoxes, truthImages, truthCounts } = matches;
  let truth = truthBoxes;
  if (weights !== undefined) {
    truth = 0;
    for (let i = 0; i < truthImages.length; i++) {
      truth += (truthCounts[i] as number) * (weights[truthImages[i] as number] as number);
    }
  }
  if (truth === 0) return null;

  // The curve changes only where an object is found: at most `truthBoxes` points per threshold.
  const levels = IOU_THRESHOLDS.length;
  const found = new Float64Array(levels);
  const places = new Int32Array(levels);
  const pointsAt = new Int32Array(levels * truthBoxes);
  const precisionAt = new Float64Array(levels * truthBoxes);
  let shown = 0;
  for (let i = 0; i < relevant; i++) {
    const weight = weights === undefined ? 1 : (weights[images[i] as number] as number);
    if (weight === 0) continue;
    shown += weight;
    let rest = hits[i] as number;
    while (rest !== 0) {
      const level = 31 - Math.clz32(rest);
      rest ^= 1 << level;
      const right = (found[level] as number) + weight;
      found[level] = right;
      const place = level * truthBoxes + (places[level] as number);
      places[level] = (places[level] as number) + 1;
      pointsAt[place] = recallPointsUpTo(right / truth);
      precisionAt[place] = right / shown;
    }
  }

  const result = new Float64Array(levels);
  for (let level = 0; level < levels; level++) {
    let envelope = 0;
    let sum = 0;
    const start = level * truthBoxes;
    for (let place = start + (places[level] as number) - 1; place >= start; place--) {
      envelope = Math.max(envelope, precisionAt[place] as number);
      const before = place === start ? 0 : (pointsAt[place - 1] as number);
      sum += envelope * ((pointsAt[place] as number) - before);
    }
    result[level] = sum / RECALL_POINTS;
  }
  return result;
}

/** Means over the classes that have objects; `null` if none has. */
export interface MeanAveragePrecision {
  readonly map50: number | null;
  readonly map5095: number | null;
  /** By class id; `null` for a class without objects. */
  readonly perClass: readonly ({ readonly ap50: number; readonly ap5095: number } | null)[];
}

/** mAP at IoU 0.50 and averaged over 0.50:0.05:0.95. */
export function meanAveragePrecision(matches: BoxMatches, weights?: Int32Array): MeanAveragePrecision {
  const perClass = matches.classes.map((one) => {
    const values = averagePrecisions(one, weights);
    return values === null ? null : { ap50: values[0] as number, ap5095: average(values) };
  });
  const present = perClass.filter((value) => value !== null);
  return {
    map50: present.length === 0 ? null : average(present.map((value) => value.ap50)),
    map5095: present.length === 0 ? null : average(present.map((value) => value.ap5095)),
    perClass,
  };
}

function average(values: readonly number[] | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
