import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSerialQueue } from '../../core/concurrency.ts';
import { openPrivate } from '../platform/privateFiles.ts';
import { setImmediate } from 'node:timers/promises';
import type { EmbeddedImage, EmbeddingEntry, EmbeddingTable } from '../../workflow/ports/embeddings.ts';
import {
  blockLength,
  blockNumbers,
  decodeRow,
  encodeBlock,
  findHeader,
  footerBytes,
  headerBytes,
  isFooter,
  isOfContent,
  maxRows,
  namesLength,
  readHeader,
  readNames,
  vectorsAreWhole,
  vectorsLength,
  type BlockHeader,
} from './blocks.ts';
import { isMissing } from '../platform/fileErrors.ts';
import { fileError } from './embeddingError.ts';

interface Block {
  readonly at: number;
  readonly header: BlockHeader;
  readonly hashes: Buffer;
}

interface ReadBlock {
  readonly header: BlockHeader;
  readonly ids: readonly number[];
  readonly hashes: Buffer;
}

/** Enough for a header and the ids and hashes of 64 rows, which scoring writes at a time. */
const firstRead = 4096;
const searchBytes = 1 << 20;
/** Rows to look up before yielding to the event loop. */
const stride = 20_000;

/**
 * One file of embeddings. Each block is appended with one write, so that several processes may append at once. Blocks
 * left incomplete by a killed process fail their checksums and are skipped. The next call sees blocks of other processes.
 */
export class EmbeddingFile {
  readonly #path: string;
  readonly #dimensions: number;
  #identity = '';
  /** The file is indexed up to this offset. */
  #end = 0;
  #blocks: Block[] = [];
  /** Block × 4096 + row of the newest vector of an image. */
  readonly #rows = new Map<number, number>();
  readonly #inTurn = createSerialQueue();

  constructor(path: string, dimensions: number) {
    this.#path = path;
    this.#dimensions = dimensions;
  }

  /** Ids of images without a vector of their current content. */
  async lacking(images: readonly EmbeddedImage[]): Promise<number[]> {
    await this.#reading(null, async () => null);
    return images.filter((image) => !this.#holds(image)).map(({ imageId }) => imageId);
  }

  /** Appends the vectors. @throws EmbeddingError `vector-invalid`, `disk-full`, `write-failed`. */
  append(entries: readonly EmbeddingEntry[]): Promise<void> {
    return this.#inTurn(async () => {
      const blocks: Buffer[] = [];
      for (let start = 0; start < entries.length; start += maxRows) {
        blocks.push(encodeBlock(this.#dimensions, entries.slice(start, start + maxRows)));
      }
      try {
        const file = await openPrivate(dirname(dirname(this.#path)), this.#path, 'a');
        try {
          for (const block of blocks) await writeAtOnce(file, block);
        } finally {
          await file.close();
        }
      } catch (error) {
        throw fileError(error, this.#path, 'write');
      }
    });
  }

  /** The existing vectors of these images, by ascending id. @throws EmbeddingError `read-failed`. */
  load(imageIds: readonly number[]): Promise<EmbeddingTable> {
    const dimensions = this.#dimensions;
    const nothing = { dimensions, imageIds: new Float64Array(0), vectors: new Float32Array(0) };
    return this.#reading<EmbeddingTable>(nothing, async (file) => {
      const { ids, places } = await this.#find(imageIds);
      const vectors = new Float32Array(new SharedArrayBuffer(ids.length * dimensions * 4));
      const damaged = new Set<number>();
      let bytes = Buffer.alloc(0);
      for (const { index, targets } of byBlock(places, this.#blocks.length)) {
        const block = this.#blocks[index];
        if (block === undefined) continue;
        const length = vectorsLength(block.header);
        if (bytes.length < length) bytes = Buffer.alloc(length);
        const at = block.at + headerBytes + namesLength(block.header);
        const whole = (await file.read(bytes, 0, length, at)).bytesRead === length;
        if (!whole || !vectorsAreWhole(block.header, bytes.subarray(0, length))) {
          for (const target of targets) damaged.add(target);
          continue;
        }
        const numbers = blockNumbers(block.header, bytes.subarray(0, length));
        for (const target of targets) {
          decodeRow(block.header, numbers, (places[target] as number) % maxRows, vectors, target * dimensions);
        }
      }
      if (damaged.size === 0) return { dimensions, imageIds: ids, vectors };
      for (const target of damaged) this.#rows.delete(ids[target] as number);
      return without(damaged, ids, vectors, dimensions);
    });
  }

  async #find(imageIds: readonly number[]): Promise<{ ids: Float64Array; places: Float64Array }> {
    const ids = new Float64Array(imageIds.length);
    const places = new Float64Array(imageIds.length);
    let count = 0;
    const ascending = imageIds.every((id, index) => index === 0 || id > (imageIds[index - 1] as number));
    for (const [index, id] of (ascending ? imageIds : new Float64Array(new Set(imageIds)).toSorted()).entries()) {
      if (index % stride === stride - 1) await setImmediate();
      const place = this.#rows.get(id);
      if (place === undefined) continue;
      ids[count] = id;
      places[count++] = place;
    }
    return { ids: ids.subarray(0, count), places: places.subarray(0, count) };
  }

  #holds({ imageId, contentHash }: EmbeddedImage): boolean {
    const place = this.#rows.get(imageId);
    if (place === undefined) return false;
    const block = this.#blocks[Math.floor(place / maxRows)];
    return block !== undefined && isOfContent(block.hashes, place % maxRows, contentHash);
  }

  /** Indexes new blocks, then runs `work` on the file. Without a file the result is `otherwise`. */
  #reading<Result>(otherwise: Result, work: (file: FileHandle) => Promise<Result>): Promise<Result> {
    return this.#inTurn(async () => {
      let file: FileHandle;
      try {
        file = await open(this.#path, 'r');
      } catch (error) {
        if (!isMissing(error)) throw fileError(error, this.#path, 'read');
        this.#forget('');
        return otherwise;
      }
      try {
        await this.#catchUp(file);
        return await work(file);
      } catch (error) {
        throw fileError(error, this.#path, 'read');
      } finally {
        await file.close();
      }
    });
  }

  async #catchUp(file: FileHandle): Promise<void> {
    const { size, ino, birthtimeMs } = await file.stat();
    const identity = `${ino} ${birthtimeMs}`;
    if (identity !== this.#identity || size < this.#end) this.#forget(identity);
    const bytes = Buffer.alloc(footerBytes + firstRead);
    // The bytes at the current end of the index, from the last read.
    let begin = await readAt(file, bytes, this.#end);
    while (this.#end + headerBytes <= size) {
      const header = readHeader(begin);
      const end = this.#end + (header === null ? 0 : blockLength(header));
      const block = header === null || end > size ? null : await this.#readBlock(file, header, begin);
      // Read the footer of this block and the start of the next one at once.
      const further = block === null ? begin : await readAt(file, bytes, end - footerBytes);
      if (block !== null && isFooter(block.header, further)) {
        this.#takeIn(block);
        this.#end = end;
        begin = further.subarray(footerBytes);
        continue;
      }
      const next = await findInFile(file, this.#end + 1, size);
      // No complete block follows: another process may be writing one.
      if (next === null) return;
      this.#end = next;
      begin = await readAt(file, bytes, next);
    }
  }

  async #readBlock(file: FileHandle, header: BlockHeader, begin: Buffer): Promise<ReadBlock | null> {
    const length = namesLength(header);
    let names = begin.subarray(headerBytes, headerBytes + length);
    if (names.length < length) names = await readAt(file, Buffer.alloc(length), this.#end + headerBytes);
    const read = readNames(header, names);
    return read === null ? null : { header, ids: read.ids, hashes: Buffer.from(read.hashes) };
  }

  #takeIn({ header, ids, hashes }: ReadBlock): void {
    if (header.dimensions !== this.#dimensions) return;
    const index = this.#blocks.length;
    this.#blocks.push({ at: this.#end, header, hashes });
    for (const [row, id] of ids.entries()) this.#rows.set(id, index * maxRows + row);
  }

  #forget(identity: string): void {
    this.#identity = identity;
    this.#end = 0;
    this.#blocks = [];
    this.#rows.clear();
  }
}

/** Reads from `position` until `bytes` is full or the file ends. */
async function readAt(file: FileHandle, bytes: Buffer, position: number): Promise<Buffer> {
  const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
  return bytes.subarray(0, bytesRead);
}

/** Uses one write call, so that blocks of several processes do not mix. */
async function writeAtOnce(file: FileHandle, block: Buffer): Promise<void> {
  const { bytesWritten } = await file.write(block);
  if (bytesWritten === block.length) return;
  throw Object.assign(new Error(`only ${bytesWritten} of ${block.length} bytes were written`), { code: 'ENOSPC' });
}

/** The position of the next header at or after `from`, or null. */
async function findInFile(file: FileHandle, from: number, size: number): Promise<number | null> {
  const bytes = Buffer.alloc(searchBytes);
  // The windows overlap, so that every header is completely in one of them.
  for (let at = from; at + headerBytes <= size; at += searchBytes - headerBytes) {
    const { bytesRead } = await file.read(bytes, 0, searchBytes, at);
    const found = findHeader(bytes.subarray(0, bytesRead), 0);
    if (found >= 0) return at + found;
  }
  return null;
}

/** Groups the targets by block, in file order (counting sort). */
function* byBlock(places: Float64Array, blocks: number): Generator<{ index: number; targets: Uint32Array }> {
  const starts = new Uint32Array(blocks + 1);
  for (const place of places)
    starts[Math.floor(place / maxRows) + 1] = (starts[Math.floor(place / maxRows) + 1] ?? 0) + 1;
  for (let index = 0; index < blocks; index++)
    starts[index + 1] = (starts[index + 1] as number) + (starts[index] as number);
  const next = starts.slice();
  const targets = new Uint32Array(places.length);
  for (const [target, place] of places.entries()) {
    const index = Math.floor(place / maxRows);
    targets[next[index] as number] = target;
    next[index] = (next[index] as number) + 1;
  }
  for (let index = 0; index < blocks; index++) {
    const from = starts[index] as number;
    const to = starts[index + 1] as number;
    if (to > from) yield { index, targets: targets.subarray(from, to) };
  }
}

function without(
  damaged: ReadonlySet<number>,
  ids: Float64Array,
  vectors: Float32Array,
  dimensions: number,
): EmbeddingTable {
  let count = 0;
  for (let row = 0; row < ids.length; row++) {
    if (damaged.has(row)) continue;
    ids[count] = ids[row] as number;
    vectors.copyWithin(count * dimensions, row * dimensions, (row + 1) * dimensions);
    count++;
  }
  return { dimensions, imageIds: ids.subarray(0, count), vectors: vectors.subarray(0, count * dimensions) };
}
