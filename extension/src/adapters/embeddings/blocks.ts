import { crc32 } from 'node:zlib';
import type { EmbeddingEntry } from '../../workflow/ports/embeddings.ts';
import { EmbeddingError } from './embeddingError.ts';
import { halfTable, largestHalf, toHalfBits } from './halfFloat.ts';

/*
 * A file of embeddings is a sequence of blocks, each written by one appending write. A block, little-endian:
 *
 *   u32      0x424c4541 ("AELB")
 *   u8       layout, 1
 *   u8       kind of the numbers: 1 = float32, 2 = float16
 *   u16      0
 *   u32      dimensions
 *   u32      count of rows, 1…4096
 *   u32      CRC-32 of ids and hashes
 *   u32      CRC-32 of the vectors
 *   u32      CRC-32 of the 24 bytes before
 *   u32      0
 *   f64 × count               image ids
 *   32 bytes × count          SHA-256 of the images' content
 *   count × dimensions × f    vectors, row after row, padded with zeros to a multiple of 8 bytes
 *   u32 × 2                   0x454c4541 ("AELE"), and the CRC-32 of the header: they prove that the block is complete
 *
 * Half precision is enough: for 150 circuit boards, cosines relative to the centre, where rounding matters most,
 * changed by 0.00004 on average and by 0.0002 at most, while copies and other boards differ in the second decimal.
 * Vectors with a component beyond its range use float32.
 */

export const headerBytes = 32;
export const maxRows = 4096;
const magic = 0x424c4541;
const endMagic = 0x454c4541;
export const footerBytes = 8;
const layout = 1;
const float32 = 1;
const float16 = 2;
const hashBytes = 32;

interface Shape {
  readonly kind: number;
  readonly dimensions: number;
  readonly count: number;
}

export interface BlockHeader extends Shape {
  readonly headerCrc: number;
  readonly namesCrc: number;
  readonly vectorsCrc: number;
}

/** Bytes of ids and hashes. */
export function namesLength({ count }: Shape): number {
  return count * (8 + hashBytes);
}

/** Bytes of the vectors, without their padding. */
export function vectorsLength({ count, dimensions, kind }: Shape): number {
  return count * dimensions * (kind === float32 ? 4 : 2);
}

export function blockLength(header: Shape): number {
  return headerBytes + namesLength(header) + padded(vectorsLength(header)) + footerBytes;
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** One block of up to 4096 rows. @throws EmbeddingError `vector-invalid`. */
export function encodeBlock(dimensions: number, entries: readonly EmbeddingEntry[]): Buffer {
  const kind = kindOf(dimensions, entries);
  const shape = { kind, dimensions, count: entries.length };
  const bytes = Buffer.alloc(blockLength(shape));
  const hashesAt = headerBytes + entries.length * 8;
  const vectorsAt = headerBytes + namesLength(shape);
  const numbers = blockNumbers(shape, bytes.subarray(vectorsAt, vectorsAt + vectorsLength(shape)));
  for (const [row, { imageId, contentHash, vector }] of entries.entries()) {
    bytes.writeDoubleLE(imageId, headerBytes + row * 8);
    hashBytesOf(contentHash, imageId).copy(bytes, hashesAt + row * hashBytes);
    const at = row * dimensions;
    if (kind === float32) numbers.set(vector, at);
    else for (let i = 0; i < dimensions; i++) numbers[at + i] = toHalfBits(vector[i] as number);
  }
  bytes.writeUInt32LE(magic, 0);
  bytes.writeUInt8(layout, 4);
  bytes.writeUInt8(kind, 5);
  bytes.writeUInt32LE(dimensions, 8);
  bytes.writeUInt32LE(entries.length, 12);
  bytes.writeUInt32LE(crc32(bytes.subarray(headerBytes, vectorsAt)), 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(vectorsAt, vectorsAt + vectorsLength(shape))), 20);
  const headerCrc = crc32(bytes.subarray(0, 24));
  bytes.writeUInt32LE(headerCrc, 24);
  bytes.writeUInt32LE(endMagic, bytes.length - footerBytes);
  bytes.writeUInt32LE(headerCrc, bytes.length - footerBytes + 4);
  return bytes;
}

/** The narrowest kind of numbers that can represent all vectors. @throws EmbeddingError `vector-invalid`. */
function kindOf(dimensions: number, entries: readonly EmbeddingEntry[]): number {
  let kind = float16;
  for (const { vector, imageId } of entries) {
    if (vector.length !== dimensions) throw invalid(`has ${vector.length} numbers instead of ${dimensions}`, imageId);
    for (let i = 0; i < dimensions; i++) {
      const value = vector[i] as number;
      if (Math.abs(value) <= largestHalf) continue;
      if (!Number.isFinite(value)) throw invalid(`holds ${value}`, imageId);
      kind = float32;
    }
  }
  return kind;
}

/** The header at the start of `bytes`, or null if there is none. */
export function readHeader(bytes: Buffer): BlockHeader | null {
  if (bytes.length < headerBytes || bytes.readUInt32LE(0) !== magic || bytes.readUInt8(4) !== layout) return null;
  const headerCrc = bytes.readUInt32LE(24);
  if (crc32(bytes.subarray(0, 24)) !== headerCrc) return null;
  const header = {
    headerCrc,
    kind: bytes.readUInt8(5),
    dimensions: bytes.readUInt32LE(8),
    count: bytes.readUInt32LE(12),
    namesCrc: bytes.readUInt32LE(16),
    vectorsCrc: bytes.readUInt32LE(20),
  };
  return header.count >= 1 && header.count <= maxRows ? header : null;
}

/** The next possible start of a header in `bytes`, at or after `from`; -1 if there is none. */
export function findHeader(bytes: Buffer, from: number): number {
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(magic);
  for (let at = bytes.indexOf(mark, from); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    if (readHeader(bytes.subarray(at, at + headerBytes)) !== null) return at;
  }
  return -1;
}

/** Ids and hashes of a block's rows, or null if they are damaged. */
export function readNames(header: BlockHeader, bytes: Buffer): { ids: number[]; hashes: Buffer } | null {
  if (crc32(bytes) !== header.namesCrc) return null;
  const ids = Array.from({ length: header.count }, (_, row) => bytes.readDoubleLE(row * 8));
  return { ids, hashes: bytes.subarray(header.count * 8) };
}

/** Whether `bytes` are the footer of the block with this header. */
export function isFooter(header: BlockHeader, bytes: Buffer): boolean {
  if (bytes.length < footerBytes) return false;
  return bytes.readUInt32LE(0) === endMagic && bytes.readUInt32LE(4) === header.headerCrc;
}

/** Whether row `row` was computed from an image with this content. */
export function isOfContent(hashes: Buffer, row: number, contentHash: string): boolean {
  return hashes.toString('hex', row * hashBytes, (row + 1) * hashBytes) === contentHash;
}

/** Whether the vectors match their checksum. */
export function vectorsAreWhole(header: BlockHeader, bytes: Buffer): boolean {
  return crc32(bytes) === header.vectorsCrc;
}

/** The vectors of a block as numbers. Assumes little-endian, as on all platforms of Node. */
export function blockNumbers({ kind }: Shape, bytes: Buffer): Float32Array | Uint16Array {
  const size = kind === float32 ? 4 : 2;
  // Views need aligned numbers; copy the bytes if they are not.
  const at = bytes.byteOffset % size === 0 ? bytes : Buffer.from(bytes);
  return kind === float32
    ? new Float32Array(at.buffer, at.byteOffset, at.length / size)
    : new Uint16Array(at.buffer, at.byteOffset, at.length / size);
}

/** Copies row `row` of `blockNumbers` to `target` at `offset`. */
export function decodeRow(
  { dimensions }: BlockHeader,
  numbers: Float32Array | Uint16Array,
  row: number,
  target: Float32Array,
  offset: number,
): void {
  const from = row * dimensions;
  if (numbers instanceof Float32Array) {
    target.set(numbers.subarray(from, from + dimensions), offset);
    return;
  }
  const halves = halfTable();
  for (let i = 0; i < dimensions; i++) target[offset + i] = halves[numbers[from + i] as number] as number;
}

function hashBytesOf(contentHash: string, imageId: number): Buffer {
  if (/^[0-9a-f]{64}$/.test(contentHash)) return Buffer.from(contentHash, 'hex');
  throw invalid(`comes with "${contentHash}", which is no SHA-256`, imageId);
}

function invalid(what: string, imageId: number): EmbeddingError {
  return new EmbeddingError(
    'vector-invalid',
    `The embedding of image ${imageId} ${what}.`,
    'Export the model again; its model.json must describe its outputs.',
  );
}
