import { instantiate, type WasmInstance } from '../../platform/wasm/instantiate.ts';
import {
  fillAround,
  resampleInto,
  taps,
  type Placement,
  type Resampler,
  type RgbImage,
  type Taps,
} from './resample.ts';
import { resampleWasm } from './resampleWasm.ts';

/** Pixels that the module processes at a time. */
const BLOCK = 4;
/** Bytes that the functions read past the end of a source row. */
const BEHIND = 8;
/** Bytes of a block in a resized row, and of a block of taps: see resample.wat. */
const RESIZED_BLOCK = 48;
const TAPS_BLOCK = 32;
/** Bytes of four pixels in a plane of the tensor. */
const PLANE_BLOCK = 16;
const CACHE_LINE = 64;

type FunctionName = 'resizeRow' | 'blendRows' | 'copyRow';
type Functions = WasmInstance<FunctionName>;

/**
 * `resampleInto` with WebAssembly's 128-bit vectors: identical results, several times as fast. The tensor is in the
 * module's memory, so that it is written only once; source rows are copied there as needed.
 * @returns null if the machine has no vector instructions.
 */
export function createSimdResampler(): Resampler | null {
  const functions = instantiate<FunctionName>(resampleWasm);
  return functions === null ? null : new SimdResampler(functions);
}

class SimdResampler implements Resampler {
  readonly #functions: Functions;
  /** Cached, because most images of a pool have the same size. */
  #lastTaps: SizedTaps | null = null;

  constructor(functions: Functions) {
    this.#functions = functions;
  }

  resample(image: RgbImage, placement: Placement): Float32Array<ArrayBuffer> {
    const { width, height, resizedWidth, resizedHeight } = placement;
    const layout = layoutOf(image, placement);
    const buffer = this.#functions.memory(layout.tensor + 12 * width * height);
    const tensor = new Float32Array(buffer, layout.tensor, 3 * width * height);
    if (resizedWidth <= BLOCK) {
      resampleInto(image, placement, tensor);
      return tensor;
    }
    fillAround(placement, tensor);
    const memory = new Uint8Array(buffer);
    if (image.width === resizedWidth && image.height === resizedHeight) this.#copy(image, placement, layout, memory);
    else this.#resize(image, placement, layout, memory);
    return tensor;
  }

  #copy(image: RgbImage, placement: Placement, { source, tensor }: Layout, memory: Uint8Array): void {
    const { copyRow } = this.#functions.call;
    const { row, plane, whole, rest } = strides(placement);
    let reds = tensor + firstPixel(placement);
    for (let y = 0; y < image.height; y++, reds += row) {
      takeRow(image, y, memory, source);
      copyRow(reds, reds + plane, reds + 2 * plane, reds + whole, source);
      if (rest === null) continue;
      const last = reds + rest;
      copyRow(last, last + plane, last + 2 * plane, last + PLANE_BLOCK, source + 3 * (image.width - BLOCK));
    }
  }

  #resize(image: RgbImage, placement: Placement, layout: Layout, memory: Uint8Array): void {
    const { resizeRow, blendRows } = this.#functions.call;
    const { columns, rows } = this.#tapsFor(image, placement);
    memory.set(columns);
    const { source, tensor } = layout;
    const { row, plane, whole, rest } = strides(placement);
    const lastBlock = RESIZED_BLOCK * (blocksOf(placement.resizedWidth) - 1);
    const resize = (y: number, to: number): void => {
      takeRow(image, y, memory, source);
      resizeRow(0, columns.length, source, to);
    };
    // As in `resampleInto`: the two current source rows, and the addresses of their resized copies.
    let [upper, lower] = [-1, -1];
    let [upperRow, lowerRow] = layout.resized;
    let reds = tensor + firstPixel(placement);
    for (let y = 0; y < placement.resizedHeight; y++, reds += row) {
      const first = rows.first[y] as number;
      const second = rows.second[y] as number;
      const lowerWeight = rows.secondWeight[y] as number;
      if (upper !== first) {
        if (lower === first) {
          [upper, lower] = [lower, upper];
          [upperRow, lowerRow] = [lowerRow, upperRow];
        } else {
          resize(first, upperRow);
          upper = first;
        }
      }
      if (lower !== second && lowerWeight !== 0) {
        resize(second, lowerRow);
        lower = second;
      }
      const upperWeight = rows.firstWeight[y] as number;
      blendRows(reds, reds + plane, reds + 2 * plane, reds + whole, upperRow, lowerRow, upperWeight, lowerWeight);
      if (rest === null) continue;
      const [last, upperLast, lowerLast] = [reds + rest, upperRow + lastBlock, lowerRow + lastBlock];
      const end = last + PLANE_BLOCK;
      blendRows(last, last + plane, last + 2 * plane, end, upperLast, lowerLast, upperWeight, lowerWeight);
    }
  }

  #tapsFor({ width, height }: RgbImage, { resizedWidth, resizedHeight }: Placement): SizedTaps {
    const sizes = [width, resizedWidth, height, resizedHeight].join(' ');
    if (this.#lastTaps?.sizes !== sizes) {
      this.#lastTaps = {
        sizes,
        columns: inBlocks(taps(width, resizedWidth, true), resizedWidth),
        rows: taps(height, resizedHeight, false),
      };
    }
    return this.#lastTaps;
  }
}

interface SizedTaps {
  readonly sizes: string;
  /** In the module's memory layout. */
  readonly columns: Uint8Array;
  readonly rows: Taps;
}

/** Taps in blocks of four pixels; the last block may overlap the one before. */
function inBlocks({ first, firstWeight, secondWeight }: Taps, width: number): Uint8Array {
  const table = new Int32Array((blocksOf(width) * TAPS_BLOCK) / 4);
  for (let at = 0, block = 0; at < table.length; at += 2 * BLOCK, block++) {
    const start = Math.min(BLOCK * block, width - BLOCK);
    for (let i = 0; i < BLOCK; i++) {
      table[at + i] = first[start + i] as number;
      // The second tap is to the right of the first, or has weight 0.
      table[at + BLOCK + i] = (firstWeight[start + i] as number) | ((secondWeight[start + i] as number) << 16);
    }
  }
  return new Uint8Array(table.buffer);
}

/** Addresses in the module's memory; the taps are at 0. */
interface Layout {
  /** Of two resized rows. */
  readonly resized: readonly [number, number];
  /** Of a source row. */
  readonly source: number;
  readonly tensor: number;
}

function layoutOf(image: RgbImage, { resizedWidth }: Placement): Layout {
  const blocks = blocksOf(resizedWidth);
  const upper = up(blocks * TAPS_BLOCK, CACHE_LINE);
  const lower = upper + up(blocks * RESIZED_BLOCK, CACHE_LINE);
  const source = lower + up(blocks * RESIZED_BLOCK, CACHE_LINE);
  return { resized: [upper, lower], source, tensor: source + up(3 * image.width + BEHIND, CACHE_LINE) };
}

/** Distances in the tensor, in bytes. */
interface Strides {
  readonly row: number;
  readonly plane: number;
  /** From the first pixel of an image row to the end of its last whole block. */
  readonly whole: number;
  /** From the first pixel to the last four, which overlap the block before. Null if whole blocks fill the row. */
  readonly rest: number | null;
}

function strides({ width, height, resizedWidth }: Placement): Strides {
  const whole = PLANE_BLOCK * Math.floor(resizedWidth / BLOCK);
  const rest = resizedWidth % BLOCK === 0 ? null : 4 * (resizedWidth - BLOCK);
  return { row: 4 * width, plane: 4 * width * height, whole, rest };
}

function firstPixel({ width, left, top }: Placement): number {
  return 4 * (top * width + left);
}

function takeRow({ data, width }: RgbImage, y: number, memory: Uint8Array, at: number): void {
  memory.set(data.subarray(3 * width * y, 3 * width * (y + 1)), at);
}

function blocksOf(width: number): number {
  return Math.ceil(width / BLOCK);
}

function up(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
