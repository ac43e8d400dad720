/** Boxes as parallel arrays, entry i is box i: xyxy in pixels of the model's input, score ≥ 0, class id. */
export interface BoxColumns {
  readonly x1: Float32Array;
  readonly y1: Float32Array;
  readonly x2: Float32Array;
  readonly y2: Float32Array;
  readonly scores: Float32Array;
  readonly classIds: Int32Array;
}

export interface NmsOptions {
  /** Of two boxes of a class with a higher IoU, the one with the lower score is removed. */
  readonly iouThreshold: number;
  /** At most this many boxes are kept. */
  readonly maxDetections: number;
  /** Only this many boxes with the highest scores are considered. Default 30,000, as Ultralytics' `max_nms`. */
  readonly maxCandidates?: number;
}

/** Pixels between the classes, so that boxes of different classes never overlap (Ultralytics' `max_wh`). */
const CLASS_OFFSET = 7680;

/** Indices below this fit into the 53 bits of a number together with a 32-bit score. */
const INDEX_LIMIT = 2 ** 21;

/**
 * Per-class greedy non-maximum suppression, as Ultralytics' `non_max_suppression` does it over `torchvision.ops.nms`,
 * in 32-bit arithmetic, so that boxes exactly at the threshold are treated the same way.
 * @returns indices of the kept boxes, highest score first, equal scores in the order given.
 */
export function nonMaxSuppression(boxes: BoxColumns, options: NmsOptions): Int32Array {
  const { iouThreshold, maxDetections, maxCandidates = 30_000 } = options;
  const order = byDescendingScore(boxes.scores).subarray(0, maxCandidates);
  const count = order.length;

  const x1 = new Float32Array(count);
  const y1 = new Float32Array(count);
  const x2 = new Float32Array(count);
  const y2 = new Float32Array(count);
  const areas = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const box = order[i] as number;
    const offset = (boxes.classIds[box] as number) * CLASS_OFFSET;
    x1[i] = (boxes.x1[box] as number) + offset;
    y1[i] = (boxes.y1[box] as number) + offset;
    x2[i] = (boxes.x2[box] as number) + offset;
    y2[i] = (boxes.y2[box] as number) + offset;
    areas[i] = Math.fround((x2[i] as number) - (x1[i] as number)) * Math.fround((y2[i] as number) - (y1[i] as number));
  }

  const suppressed = new Uint8Array(count);
  const kept = new Int32Array(Math.min(count, maxDetections));
  let keptCount = 0;
  for (let i = 0; i < count && keptCount < kept.length; i++) {
    if (suppressed[i] === 1) continue;
    kept[keptCount++] = order[i] as number;
    const ax1 = x1[i] as number;
    const ay1 = y1[i] as number;
    const ax2 = x2[i] as number;
    const ay2 = y2[i] as number;
    const area = areas[i] as number;
    for (let j = i + 1; j < count; j++) {
      if (suppressed[j] === 1) continue;
      const width = Math.fround(Math.min(ax2, x2[j] as number) - Math.max(ax1, x1[j] as number));
      if (!(width > 0)) continue;
      const height = Math.fround(Math.min(ay2, y2[j] as number) - Math.max(ay1, y1[j] as number));
      if (!(height > 0)) continue;
      const shared = Math.fround(width * height);
      const union = Math.fround(Math.fround(area + (areas[j] as number)) - shared);
      if (Math.fround(shared / union) > iouThreshold) suppressed[j] = 1;
    }
  }
  return kept.subarray(0, keptCount);
}

/**
 * A stable sort without comparison callbacks: the bits of a non-negative float grow with its value, so inverted score
 * bits above the index make one number per box, which a numeric sort orders correctly.
 */
function byDescendingScore(scores: Float32Array): Int32Array {
  const count = scores.length;
  const order = new Int32Array(count);
  if (count > INDEX_LIMIT) {
    for (let i = 0; i < count; i++) order[i] = i;
    return order.toSorted((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  }
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, count);
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = (0xffffffff - (bits[i] as number)) * INDEX_LIMIT + i;
  keys.sort();
  for (let i = 0; i < count; i++) order[i] = (keys[i] as number) % INDEX_LIMIT;
  return order;
}
