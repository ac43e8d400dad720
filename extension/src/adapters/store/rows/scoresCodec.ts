import { StoreError } from '../storeError.ts';

/** `predictions.scores`: n × (u16 metric id, f64 score), little-endian, no padding. */
const entryBytes = 10;

/** @throws StoreError `invalid-value` for NaN and infinities. */
export function encodeScores(scores: Readonly<Record<string, number>>, idOf: (name: string) => number): Uint8Array {
  const entries = Object.entries(scores);
  const bytes = new Uint8Array(entries.length * entryBytes);
  const view = new DataView(bytes.buffer);
  for (const [index, [name, score]] of entries.entries()) {
    if (!Number.isFinite(score)) {
      throw new StoreError('invalid-value', `scores: "${name}" is ${score} and cannot be stored`);
    }
    view.setUint16(index * entryBytes, idOf(name), true);
    view.setFloat64(index * entryBytes + 2, score, true);
  }
  return bytes;
}

/** Visits every score. @throws RangeError if the bytes are truncated. */
export function eachScore(bytes: Uint8Array, visit: (scoreId: number, score: number) => void): void {
  if (bytes.byteLength % entryBytes !== 0) throw new RangeError(`has ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength; at += entryBytes)
    visit(view.getUint16(at, true), view.getFloat64(at + 2, true));
}

/** The scores by name. @throws RangeError if the bytes are truncated or reference an unknown name. */
export function decodeScores(bytes: Uint8Array, nameOf: (id: number) => string): Record<string, number> {
  const scores: Record<string, number> = {};
  eachScore(bytes, (id, score) => (scores[nameOf(id)] = score));
  return scores;
}
