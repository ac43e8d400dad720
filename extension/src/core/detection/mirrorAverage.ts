import { iou } from './iou.ts';
import { pairUp, type CandidatePair } from './pairUp.ts';
import type { Detection, PixelBox, SparseScores } from './types.ts';

/** Overlap from which on boxes of one class are the same prediction. */
const sameBox = 0.5;

/**
 * Averages the detections in an image and its mirror image: a test-time augmentation that is affordable for a batch.
 * Boxes of one class are matched greedily by descending IoU, from 0.5 on; box, confidence and class scores of a pair are
 * the means. A box without a partner keeps half its confidence and class scores.
 * @param flipped boxes of the mirrored image, mapped back into the image.
 * @param minConfidence weaker results are left out, as they are among the detections.
 * @returns by falling confidence.
 */
export function averageMirrored(
  detections: readonly Detection[],
  flipped: readonly Detection[],
  minConfidence: number,
): Detection[] {
  const candidates = detections.flatMap((here) =>
    flipped
      .filter(({ classId }) => classId === here.classId)
      .map((there): CandidatePair => ({ here, there, overlap: iou(here.box, there.box) }))
      .filter(({ overlap }) => overlap >= sameBox),
  );
  const sorted = candidates.toSorted((a, b) => b.overlap - a.overlap || confidences(b) - confidences(a));
  const { pairs, aloneHere, aloneThere } = pairUp(sorted, detections, flipped);
  const averaged = [...pairs.map(({ here, there }) => mean(here, there)), ...[...aloneHere, ...aloneThere].map(halved)];
  return averaged
    .filter(({ confidence }) => confidence >= minConfidence)
    .toSorted((a, b) => b.confidence - a.confidence);
}

function confidences({ here, there }: CandidatePair): number {
  return here.confidence + there.confidence;
}

function mean(a: Detection, b: Detection): Detection {
  const { classScores, localisationEntropy } = a;
  const confidence = (a.confidence + b.confidence) / 2;
  return {
    classId: a.classId,
    confidence,
    box: meanBox(a.box, b.box),
    ...(classScores === undefined ? {} : { classScores: meanScoresOf(classScores, b, confidence) }),
    ...(localisationEntropy === undefined
      ? {}
      : { localisationEntropy: (localisationEntropy + (b.localisationEntropy ?? localisationEntropy)) / 2 }),
  };
}

function halved(one: Detection): Detection {
  const { classScores } = one;
  return {
    ...one,
    confidence: one.confidence / 2,
    ...(classScores === undefined ? {} : { classScores: meanScores(classScores, undefined) }),
  };
}

function meanBox(a: PixelBox, b: PixelBox): PixelBox {
  return { x1: (a.x1 + b.x1) / 2, y1: (a.y1 + b.y1) / 2, x2: (a.x2 + b.x2) / 2, y2: (a.y2 + b.y2) / 2 };
}

/**
 * The mean class scores of a pair. A mirrored box may come without them: then only its class is known in both, and the
 * other classes keep their scores, which are below that of its class there too.
 */
function meanScoresOf(scores: SparseScores, { classId, classScores }: Detection, confidence: number): SparseScores {
  if (classScores !== undefined) return meanScores(scores, classScores);
  const { classIds } = scores;
  return {
    classIds,
    scores: scores.scores.map((score, i) => (classIds[i] === classId ? confidence : Math.min(score, confidence))),
  };
}

/** Scores that are not stored count as 0. */
function meanScores(a: SparseScores, b: SparseScores | undefined): SparseScores {
  const sums = new Map<number, number>();
  for (const part of [a, b]) {
    part?.classIds.forEach((id, i) => sums.set(id, (sums.get(id) ?? 0) + (part.scores[i] ?? 0)));
  }
  const classIds = [...sums.keys()].toSorted((x, y) => x - y);
  return { classIds, scores: classIds.map((id) => (sums.get(id) ?? 0) / 2) };
}
