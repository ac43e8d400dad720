import type { Detection } from '../../core/detection/types.ts';
import { StoreError } from './storeError.ts';

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
 * The narrow form is used only where it loses nothing: models compute in float32, so scores nearly always fit.
 */

const version = 1;
const wideBoxes = 1;
const wideScores = 2;
const withLocalisation = 4;
const allFlags = wideBoxes | wideScores | withLocalisation;
const noScores = 0xffff;

function fitsFloat32(values: Iterable<number>): boolean {
  for (const value of values) if (Math.fround(value) !== value) return false;
  return true;
}

function* scoresOf(detections: readonly Detection[]): Generator<number> {
  for (const { confidence, classScores, localisationEntropy } of detections) {
    yield confidence;
    if (localisationEntropy !== undefined) yield localisationEntropy;
    if (classScores !== undefined) yield* classScores.scores;
  }
}

function* coordinatesOf(detections: readonly Detection[]): Generator<number> {
  for (const { box } of detections) {
    yield box.x1;
    yield box.y1;
    yield box.x2;
    yield box.y2;
  }
}

function fail(what: string): never {
  throw new StoreError('invalid-value', `A predicted box cannot be stored: ${what}`);
}

function checkClass(id: number): void {
  if (!Number.isInteger(id) || id < 0 || id > 0xffff) fail(`class id ${id} is not an integer from 0 to 65535`);
}

function check(detections: readonly Detection[]): void {
  for (const value of scoresOf(detections)) if (!Number.isFinite(value)) fail(`a score is ${value}`);
  for (const value of coordinatesOf(detections)) if (!Number.isFinite(value)) fail(`a coordinate is ${value}`);
  for (const { classId, classScores } of detections) {
    checkClass(classId);
    if (classScores === undefined) continue;
    classScores.classIds.forEach(checkClass);
    if (classScores.classIds.length !== classScores.scores.length) fail('classIds and scores differ in length');
    if (classScores.classIds.length >= noScores) fail('it has too many class scores');
  }
}

/**
 * Boxes as the bytes described above, without loss.
 * @throws StoreError `invalid-value` for NaN, infinities, or class ids that are no integer from 0 to 65535.
 */
export function encodeDetections(detections: readonly Detection[]): Uint8Array {
  check(detections);
  const boxBytes = fitsFloat32(coordinatesOf(detections)) ? 4 : 8;
  const scoreBytes = fitsFloat32(scoresOf(detections)) ? 4 : 8;
  const localised = detections.some(({ localisationEntropy }) => localisationEntropy !== undefined);
  let size = 2;
  for (const { classScores } of detections) {
    size +=
      4 +
      (localised ? scoreBytes : 0) +
      scoreBytes +
      4 * boxBytes +
      (classScores?.scores.length ?? 0) * (2 + scoreBytes);
  }
  const bytes = new Uint8Array(size);
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
    for (const value of [box.x1, box.y1, box.x2, box.y2]) putFloat(value, boxBytes);
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
 * The boxes of `encodeDetections`.
 * @param count how many there must be; `null` where that is not known.
 * @throws RangeError when the bytes are cut off or of another version.
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
 * Gives class and score of every box, all its class scores where it has them, without making objects of boxes.
 * @throws RangeError when the bytes are cut off or of another version.
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
