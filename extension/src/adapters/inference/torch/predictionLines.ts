import type { Detection, SparseScores } from '../../../core/detection/types.ts';
import type { InferenceResult } from '../../../workflow/ports/inference.ts';

/*
 * One line of `predictions.jsonl` (docs/run-folder.md). Validated by hand: a line contains hundreds of boxes, for which
 * a schema library takes several times as long as parsing the JSON.
 */

export interface PredictionLine {
  readonly job: number;
  /** The result for the image with this id. */
  result(imageId: number): InferenceResult;
}

/** Parses one line. @throws Error if the line does not match the format. */
export function parsePrediction(text: string): PredictionLine {
  const line = fieldsOf(JSON.parse(text));
  const job = whole(line['id']);
  if (line['ok'] === false) {
    const [code, message] = [textOf(line['code']), textOf(line['message'])];
    return { job, result: (imageId) => ({ ok: false, imageId, code, message }) };
  }
  if (line['ok'] !== true) throw new Error('Neither a result nor a failure.');
  const { embedding, flipped } = line;
  const found = {
    width: whole(line['width']),
    height: whole(line['height']),
    bestScore: finite(line['bestScore']),
    detections: list(line['detections']).map(detectionOf),
    ...(embedding === undefined ? {} : { embedding: floatsOf(textOf(embedding)) }),
    ...(flipped === undefined ? {} : { flipped: list(flipped).map(detectionOf) }),
  };
  return { job, result: (imageId) => ({ ok: true, imageId, ...found }) };
}

function detectionOf(value: unknown): Detection {
  const { box, confidence, classId, classScores, localisationEntropy } = fieldsOf(value);
  const [x1, y1, x2, y2, ...more] = list(box).map(finite);
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined || more.length > 0) {
    throw new Error('A box has four numbers.');
  }
  const id = whole(classId);
  if (id < 0) throw new Error('A class is 0 or more.');
  return {
    classId: id,
    confidence: finite(confidence),
    box: { x1, y1, x2, y2 },
    ...(classScores === undefined ? {} : { classScores: scoresOf(classScores) }),
    ...(localisationEntropy === undefined ? {} : { localisationEntropy: finite(localisationEntropy) }),
  };
}

function scoresOf(value: unknown): SparseScores {
  const [classIds, scores, ...more] = list(value).map(list);
  if (classIds?.length !== scores?.length || more.length > 0)
    throw new Error('Class scores are two lists of one length.');
  return { classIds: (classIds ?? []).map(whole), scores: (scores ?? []).map(finite) };
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('No object.');
  return value as Partial<Record<string, unknown>>;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('No list.');
  return value;
}

function finite(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error('No number.');
  return value;
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Error('No whole number.');
  return value as number;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error('No text.');
  return value;
}

/** Little-endian float32 in base64. */
function floatsOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length % 4 !== 0) throw new Error('A vector has four bytes a number.');
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = bytes.readFloatLE(i * 4);
  return values;
}
