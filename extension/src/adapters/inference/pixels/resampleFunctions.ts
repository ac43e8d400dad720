import {
  add,
  addIntegers,
  addVectors,
  and,
  bytesFrom,
  constant,
  dotPairs,
  everyLane,
  floatsOf,
  get,
  loadLowerHalf,
  loadNumberAt,
  loadUpperHalf,
  loadVector,
  loadVectorAt,
  multiplyVectors,
  NOTHING,
  repeatWhileLess,
  set,
  shiftRight,
  shuffle,
  storeVectorAt,
  subtract,
  tee,
  toFloats,
  vectorOf,
  widenHigh,
  widenLow,
  type Code,
  type WasmFunction,
} from '../../platform/wasm/encode.ts';

// All functions work on four pixels at a time.
/** Bytes of four pixels in a resized row: their reds, greens and blues as 32-bit integers, below 32768. */
export const RESIZED_BLOCK = 48;
/** Four offsets of a pixel in its row, and four pairs of 16-bit weights: of that pixel, and of its right neighbour. */
export const TAPS_BLOCK = 32;
const PLANE_BLOCK = 16;
const SOURCE_BLOCK = 12;

const forward = (pointer: number, bytes: number): Code => [get(pointer), constant(bytes), add, set(pointer)].flat();

/**
 * `resizeRow(taps, end of taps, source row, resized row)`: OpenCV's horizontal pass, (a · weight + b · weight) >> 4, at most
 * 32640. Of the source, eight bytes are read at every pixel.
 */
export function resizeRowFunction(): WasmFunction<'resizeRow'> {
  const [taps, end, source, resized] = [0, 1, 2, 3];
  const [left, right, byColour, weights, redsAndGreens] = [4, 5, 6, 7, 8];
  const pixel = (i: number): Code => [get(source), get(taps), loadNumberAt(4 * i), add].flat();
  const twoPixels = (i: number): Code =>
    [pixel(i + 1), pixel(i), loadLowerHalf, loadUpperHalf, get(byColour), bytesFrom].flat();
  const store = (colour: number, bytes: Code): Code =>
    [get(resized), bytes, get(weights), dotPairs, constant(4), shiftRight, storeVectorAt(16 * colour)].flat();
  const block = [
    [twoPixels(0), set(left), twoPixels(2), set(right), get(taps), loadVectorAt(16), set(weights)],
    [get(left), get(right), shuffle(0, 4, 1, 5), set(redsAndGreens)],
    store(0, [get(redsAndGreens), widenLow].flat()),
    store(1, [get(redsAndGreens), widenHigh].flat()),
    store(2, [get(left), get(right), shuffle(2, 6, 3, 7), widenLow].flat()),
    forward(resized, RESIZED_BLOCK),
    [get(taps), constant(TAPS_BLOCK), add, tee(taps), get(end)],
  ].flat(2);
  // Of two times r g b r' g' b' . . : r r' r r', g g' g g', b b' b b'.
  const pairs = [0, 3, 8, 11, 1, 4, 9, 12, 2, 5, 10, 13, ...Array<number>(4).fill(NOTHING)];
  const body = [vectorOf(pairs), set(byColour), repeatWhileLess(block)].flat();
  return { name: 'resizeRow', parameters: 4, numbers: 0, vectors: 5, body };
}

/** The first parameters of what writes a row of the three colour planes: addresses in them, and of the last four reds. */
const planes = [0, 1, 2] as const;
const [reds, greens, blues] = planes;
const lastReds = 3;

/**
 * Writes a row of more than four pixels, block by block; the last block ends with the row and may overlap the one before.
 * @param forth steps on in what is read.
 * @param toLast steps to the last block of what is read.
 * @param space a local of its own.
 */
function alongRow(block: Code, forth: Code, toLast: Code, space: number): Code {
  const back = (plane: number): Code => [get(space), get(plane), add, set(plane)].flat();
  const next = [forward(greens, PLANE_BLOCK), forward(blues, PLANE_BLOCK)].flat();
  return [
    repeatWhileLess([block, forth, next, get(reds), constant(PLANE_BLOCK), add, tee(reds), get(lastReds)].flat()),
    toLast,
    [get(lastReds), get(reds), subtract, set(space), planes.flatMap(back)].flat(),
    block,
  ].flat();
}

/**
 * Their sum is 1 / 255. A level's product with the first has so few digits that it is exact, the one with the second is
 * far below the last digit of the sum: for all 256 levels it rounds as level / 255 does, which takes longer.
 */
const COARSE = 257 / 65_536;
const FINE = 1 / (255 * 65_536);
/** Vector locals of `storeUnit`, the first two set by `setScale`. */
type Scale = readonly [coarse: number, fine: number, level: number];

/** Stores grey levels in a plane as the network wants them: floats of 0…1. */
function storeUnit(plane: number, levels: Code, [coarse, fine, level]: Scale): Code {
  const products = [tee(level), get(coarse), multiplyVectors, get(level), get(fine), multiplyVectors];
  return [get(plane), levels, toFloats, products.flat(), addVectors, storeVectorAt(0)].flat();
}

function setScale([coarse, fine]: Scale): Code {
  return [floatsOf(COARSE), set(coarse), floatsOf(FINE), set(fine)].flat();
}

const product = (row: number, colour: number, weights: number): Code =>
  [get(row), loadVectorAt(16 * colour), get(weights), dotPairs].flat();

/**
 * `blendRows(reds, greens, blues, last reds, upper row, lower row, upper weight, lower weight)`: OpenCV's vertical pass,
 * ((upper · weight >> 16) + (lower · weight >> 16) + 2) >> 2.
 */
export function blendRowsFunction(): WasmFunction<'blendRows'> {
  const [upper, lower, upperWeight, lowerWeight, space] = [4, 5, 6, 7, 8];
  const [upperWeights, lowerWeights, whole, half] = [9, 10, 11, 12];
  const scale = [13, 14, 15] as const;
  // One shift for both, after the sum: where one number's low half is empty, the other's carries nothing into the high.
  const levels = (colour: number): Code => [
    ...product(upper, colour, upperWeights),
    ...[product(lower, colour, lowerWeights), get(whole), and, addIntegers].flat(),
    ...[get(half), addIntegers, constant(18), shiftRight].flat(),
  ];
  const body = [
    [get(upperWeight), everyLane, set(upperWeights), get(lowerWeight), everyLane, set(lowerWeights)],
    [constant(-1 << 16), everyLane, set(whole), constant(2 << 16), everyLane, set(half), setScale(scale)],
    alongRow(
      planes.flatMap((plane) => storeUnit(plane, levels(plane), scale)),
      [forward(upper, RESIZED_BLOCK), forward(lower, RESIZED_BLOCK)].flat(),
      [],
      space,
    ),
  ].flat(2);
  return { name: 'blendRows', parameters: 8, numbers: 1, vectors: 7, body };
}

/** Where one colour of four pixels lies, each as a 32-bit integer. */
const lanesOf = (colour: number): Code =>
  vectorOf([0, 3, 6, 9].flatMap((pixel) => [pixel + colour, NOTHING, NOTHING, NOTHING]));

/**
 * `copyRow(reds, greens, blues, last reds, source row, last four pixels of it)`: for an image that keeps its size. Four
 * bytes more than the source row are read.
 */
export function copyRowFunction(): WasmFunction<'copyRow'> {
  const [source, lastSource, space] = [4, 5, 6];
  const bytes = 7;
  const lanes = [8, 9, 10] as const;
  const scale = [11, 12, 13] as const;
  const levels = (colour: 0 | 1 | 2): Code => [get(bytes), get(lanes[colour]), bytesFrom].flat();
  const body = [
    ...planes.map((colour) => [lanesOf(colour), set(lanes[colour])].flat()),
    setScale(scale),
    alongRow(
      [get(source), loadVector, set(bytes), planes.map((plane) => storeUnit(plane, levels(plane), scale))].flat(2),
      forward(source, SOURCE_BLOCK),
      [get(lastSource), set(source)].flat(),
      space,
    ),
  ].flat();
  return { name: 'copyRow', parameters: 6, numbers: 1, vectors: 7, body };
}
