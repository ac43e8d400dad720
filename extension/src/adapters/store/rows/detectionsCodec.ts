import type { Detection } from '../../../core/detection/types.ts';
import { StoreError } from '../storeError.ts';

/*
 * Layout of `predictions.boxes`, version 1, little-endian, no padding:
 *
 *   u8   1 (version)
 *   u8   flags: 1 = coordinates are float64, otherwise float32; 2 = scores are float64, otherwise float32;
 *        4 = each box has a localisation entropy
 *   then per box:
 *   u16  class id
 *   f    confidence
 *   f×4  x1 y1 x2 y2, pixels
 *   f    localisation entropy, NaN = this box has none (only with flag 4; as wide as scores)
 *   u16  number n of class scores, 65535 = this box has no class scores
 *   n × (u16 class id, f score)
 *
 * The encoder uses float32 only if it is lossless. Models compute in float32, so scores nearly always fit.
 */

const version = 1;
const wideBoxes = 1;
const wideScores = 2;
const withLocalisation = 4;
const allFlags = wideBoxes | wideScores | withLocalisation;
const noScores = 0xffff;

function fail(what: string): never {
  throw new StoreError('invalid-value', `A predicted box cannot be stored: ${what}`);
}

function checkClass(id: number): void {
  if (!Number.isInteger(id) || id < 0 || id > 0xffff) fail(`class id ${id} is not an integer from 0 to 65535`);
}

/** Whether a number needs 64 bits. */
function isWide(value: number, what: string): boolean {
  if (!Number.isFinite(value)) fail(`a ${what} is ${value}`);
  return Math.fround(value) !== value;
}

interface Layout {
  readonly boxBytes: 4 | 8;
  readonly scoreBytes: 4 | 8;
  readonly localised: boolean;
  /** Bytes of all boxes. */
  readonly size: number;
}

/** Validates every number and chooses the narrowest lossless form. */
function layoutOf(detections: readonly Detection[]): Layout {
  let [wideBox, wideScore, localised] = [false, false, false];
  let entries = 0;
  for (const { classId, confidence, box, classScores, localisationEntropy } of detections) {
    checkClass(classId);
    if (isWide(confidence, 'score')) wideScore = true;
    if (isWide(box.x1, 'coordinate')) wideBox = true;
    if (isWide(box.y1, 'coordinate')) wideBox = true;
    if (isWide(box.x2, 'coordinate')) wideBox = true;
    if (isWide(box.y2, 'coordinate')) wideBox = true;
    if (localisationEntropy !== undefined) {
      localised = true;
      if (isWide(localisationEntropy, 'score')) wideScore = true;
    }
    if (classScores === undefined) continue;
    const { classIds, scores } = classScores;
    if (classIds.length !== scores.length) fail('classIds and scores differ in length');
    if (classIds.length >= noScores) fail('it has too many class scores');
    for (const id of classIds) checkClass(id);
    for (const score of scores) if (isWide(score, 'score')) wideScore = true;
    entries += scores.length;
  }
  const boxBytes = wideBox ? 8 : 4;
  const scoreBytes = wideScore ? 8 : 4;
  const each = 4 + scoreBytes + 4 * boxBytes + (localised ? scoreBytes : 0);
  return { boxBytes, scoreBytes, localised, size: detections.length * each + entries * (2 + scoreBytes) };
}

/**
 * Encodes boxes losslessly in the layout above.
 * @throws StoreError `invalid-value` for NaN, infinities, or class ids that are not integers from 0 to 65535.
 */
export function encodeDetections(detections: readonly Detection[]): Uint8Array {
  const { boxBytes, scoreBytes, localised, size } = layoutOf(detections);
  const bytes = new Uint8Array(2 + size);
  const view = new DataView(bytes.buffer);
  let at = 2;
  const putShort = (value: number): void => {
    view.setUint16(at, value, true);
    at += 2;
  };
  const putFloat = (value: number, width: 4 | 8): void => {
    if (width === 4) view.setFloat32(at, value, true);
    else view.setFloat64(at, value, true);
    at += width;
  };
  view.setUint8(0, version);
  view.setUint8(
    1,
    (boxBytes === 8 ? wideBoxes : 0) | (scoreBytes === 8 ? wideScores : 0) | (localised ? withLocalisation : 0),
  );
  for (const { classId, confidence, box, classScores, localisationEntropy } of detections) {
    putShort(classId);
    putFloat(confidence, scoreBytes);
    putFloat(box.x1, boxBytes);
    putFloat(box.y1, boxBytes);
    putFloat(box.x2, boxBytes);
    putFloat(box.y2, boxBytes);
    if (localised) putFloat(localisationEntropy ?? Number.NaN, scoreBytes);
    putShort(classScores?.scores.length ?? noScores);
    classScores?.classIds.forEach((id, index) => {
      putShort(id);
      putFloat(classScores.scores[index] ?? 0, scoreBytes);
    });
  }
  return bytes;
}

/**
 * Decodes the boxes of `encodeDetections`.
 * @param count the expected number of boxes; `null` if unknown.
 * @throws RangeError if the bytes are truncated or have another version.
 */
export function decodeDetections(bytes: Uint8Array, count: number | null): Detection[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = flagsOf(view);
  const boxWidth = (flags & wideBoxes) === 0 ? 4 : 8;
  const scoreWidth = (flags & wideScores) === 0 ? 4 : 8;
  let at = 2;
  const short = (): number => {
    at += 2;
    return view.getUint16(at - 2, true);
  };
  const float = (width: 4 | 8): number => {
    at += width;
    return width === 4 ? view.getFloat32(at - width, true) : view.getFloat64(at - width, true);
  };
  const detections: Detection[] = [];
  while (at < view.byteLength) {
    const classId = short();
    const confidence = float(scoreWidth);
    const box = { x1: float(boxWidth), y1: float(boxWidth), x2: float(boxWidth), y2: float(boxWidth) };
    const localisation = (flags & withLocalisation) === 0 ? Number.NaN : float(scoreWidth);
    const edges = Number.isNaN(localisation) ? {} : { localisationEntropy: localisation };
    const scoresCount = short();
    if (scoresCount === noScores) {
      detections.push({ classId, confidence, box, ...edges });
      continue;
    }
    const classIds: number[] = [];
    const scores: number[] = [];
    for (let index = 0; index < scoresCount; index++) {
      classIds.push(short());
      scores.push(float(scoreWidth));
    }
    detections.push({ classId, confidence, box, classScores: { classIds, scores }, ...edges });
  }
  if (count !== null && detections.length !== count)
    throw new RangeError(`holds ${detections.length} boxes and not ${count}`);
  return detections;
}

/**
 * Visits the class scores of every box, or class and confidence of a box without them, without creating objects.
 * @throws RangeError if the bytes are truncated or have another version.
 */
export function eachClassScore(bytes: Uint8Array, visit: (classId: number, score: number) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = flagsOf(view);
  const scoreWidth = (flags & wideScores) === 0 ? 4 : 8;
  const further = 4 * ((flags & wideBoxes) === 0 ? 4 : 8) + ((flags & withLocalisation) === 0 ? 0 : scoreWidth);
  const score = (at: number): number => (scoreWidth === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
  let at = 2;
  while (at < view.byteLength) {
    const classId = view.getUint16(at, true);
    const confidence = score(at + 2);
    at += 2 + scoreWidth + further;
    const count = view.getUint16(at, true);
    at += 2;
    if (count === noScores) visit(classId, confidence);
    else
      for (const end = at + count * (2 + scoreWidth); at < end; at += 2 + scoreWidth)
        visit(view.getUint16(at, true), score(at + 2));
  }
}

function flagsOf(view: DataView): number {
  if (view.getUint8(0) !== version) throw new RangeError(`has the unknown layout ${view.getUint8(0)}`);
  const flags = view.getUint8(1);
  if (flags > allFlags) throw new RangeError(`has unknown flags ${flags}`);
  return flags;
}
