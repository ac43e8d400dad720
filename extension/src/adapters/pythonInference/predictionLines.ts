import { z } from 'zod';
import type { Detection } from '../../core/detection/types.ts';
import type { InferenceResult } from '../../workflow/ports/inference.ts';

/** One line of `predictions.jsonl` (docs/run-folder.md). */
const found = z.object({
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  confidence: z.number(),
  classId: z.int().min(0),
  classScores: z.tuple([z.array(z.int()), z.array(z.number())]).optional(),
  localisationEntropy: z.number().optional(),
});
const line = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    id: z.int(),
    width: z.int(),
    height: z.int(),
    bestScore: z.number(),
    detections: z.array(found),
    embedding: z.string().optional(),
    flipped: z.array(found).optional(),
  }),
  z.object({ ok: z.literal(false), id: z.int(), code: z.string(), message: z.string() }),
]);

export interface PredictionLine {
  readonly job: number;
  /** The result, but for the id of its image. */
  result(imageId: number): InferenceResult;
}

/** Reads one line. @throws Error when it is none of `predictions.jsonl`. */
export function parsePrediction(text: string): PredictionLine {
  const value = line.parse(JSON.parse(text));
  if (!value.ok) {
    const { code, message } = value;
    return { job: value.id, result: (imageId) => ({ ok: false, imageId, code, message }) };
  }
  const { width, height, bestScore, embedding, flipped } = value;
  return {
    job: value.id,
    result: (imageId) => ({
      ok: true,
      imageId,
      width,
      height,
      bestScore,
      detections: value.detections.map(detectionOf),
      ...(embedding === undefined ? {} : { embedding: floatsOf(embedding) }),
      ...(flipped === undefined ? {} : { flipped: flipped.map(detectionOf) }),
    }),
  };
}

function detectionOf({ box, confidence, classId, classScores, localisationEntropy }: z.infer<typeof found>): Detection {
  const [x1, y1, x2, y2] = box;
  return {
    classId,
    confidence,
    box: { x1, y1, x2, y2 },
    ...(classScores === undefined ? {} : { classScores: { classIds: classScores[0], scores: classScores[1] } }),
    ...(localisationEntropy === undefined ? {} : { localisationEntropy }),
  };
}

/** Little-endian float32 in base64. */
function floatsOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = bytes.readFloatLE(i * 4);
  return values;
}
