/**
 * As much of WebAssembly's binary format as numeric functions need. Numbers are those of the specification
 * (WebAssembly Core 2.0, section 5).
 */
export type Code = readonly number[];

const I32 = 0x7f;
const V128 = 0x7b;

/** LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
    if (rest === 0) return bytes;
  }
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

function simd(opcode: number, ...immediate: readonly number[]): Code {
  return [0xfd, ...unsigned(opcode), ...immediate];
}

const aligned16 = 4;
const aligned8 = 3;
const aligned4 = 2;

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const tee = (local: number): Code => [0x22, ...unsigned(local)];
export const constant = (value: number): Code => [0x41, ...signed(value)];
export const add: Code = [0x6a];
export const multiply: Code = [0x6c];
export const subtract: Code = [0x6b];
export const storeFloat: Code = [0x38, aligned4, 0];
export const loadVector: Code = loadVectorAt(0);
export const zeroVector: Code = vectorOf(Array.from({ length: 16 }, () => 0));
export const addVectors: Code = simd(0xe4);
export const multiplyVectors: Code = simd(0xe6);
export const firstLane: Code = simd(31, 0);

// Vectors of four 32-bit integers, where nothing else is said.
export const everyLane: Code = simd(17);
export const addIntegers: Code = simd(0xae);
export const shiftRight: Code = simd(0xac);
export const and: Code = simd(0x4e);
/** Products of signed 16-bit integers, each added to its neighbour's. */
export const dotPairs: Code = simd(0xba);
/** The lower or upper eight bytes, unsigned, as 16-bit integers. */
export const widenLow: Code = simd(0x89);
export const widenHigh: Code = simd(0x8a);
export const toFloats: Code = simd(0xfa);

/** From a constant number of bytes behind the address; `storeVectorAt` likewise. */
export function loadNumberAt(offset: number): Code {
  return [0x28, aligned4, ...unsigned(offset)];
}

export function loadVectorAt(offset: number): Code {
  return simd(0, aligned16, ...unsigned(offset));
}

export function storeVectorAt(offset: number): Code {
  return simd(11, aligned16, ...unsigned(offset));
}

/** Eight bytes into the lower half of a vector, zeros into its upper one. */
export const loadLowerHalf: Code = simd(93, aligned8, 0);
/** Eight bytes into the upper half of the vector given after the address. */
export const loadUpperHalf: Code = simd(87, aligned8, 0, 1);

/** A constant vector of sixteen bytes. */
export function vectorOf(bytes: readonly number[]): Code {
  return simd(12, ...bytes);
}

/** A constant vector of four equal floats. */
export function floatsOf(value: number): Code {
  return vectorOf([...new Uint8Array(new Float32Array(4).fill(value).buffer)]);
}

/** What stands for a zero among the places of `bytesFrom`. */
export const NOTHING = 0x80;
/** The bytes of a vector at the places, 0…15, that the vector given after it names. */
export const bytesFrom: Code = simd(14);

/** Lanes of two vectors, by number: 0…3 of the first, 4…7 of the second. */
export function shuffle(...lanes: readonly number[]): Code {
  return simd(13, ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)));
}

/** Runs the body, and again while the unsigned number it leaves is below the next one. */
export function repeatWhileLess(body: Code): Code {
  return [0x03, 0x40, ...body, 0x49, 0x0d, 0, 0x0b];
}

export interface WasmFunction<Name extends string = string> {
  readonly name: Name;
  /** All parameters are 32-bit numbers; there is no result. */
  readonly parameters: number;
  /** 32-bit locals, numbered after the parameters. */
  readonly numbers: number;
  /** Vector locals, numbered after those. */
  readonly vectors: number;
  readonly body: Code;
}

const header: Code = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module that imports the memory `host.memory` and exports the functions. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const signatures = functions.map(({ parameters }) => [
    0x60,
    ...list(Array.from({ length: parameters }, () => [I32])),
    0,
  ]);
  const bodies = functions.map(({ numbers, vectors, body }) => {
    const code = [2, ...unsigned(numbers), I32, ...unsigned(vectors), V128, ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  const memory = [...text('host'), ...text('memory'), 2, 0, 1];
  const exports = functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]);
  return new Uint8Array([
    ...header,
    ...section(1, list(signatures)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(exports)),
    ...section(10, list(bodies)),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
}
