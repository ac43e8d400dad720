import {
  add,
  addVectors,
  constant,
  firstLane,
  get,
  loadVector,
  multiply,
  multiplyVectors,
  repeatWhileLess,
  set,
  shuffle,
  storeFloat,
  tee,
  zeroVector,
  type Code,
  type WasmFunction,
} from '../platform/wasm/encode.ts';

const step = (pointer: number): Code => [get(pointer), constant(16), add, set(pointer)].flat();

/** Parameters: addresses of the two panels and of the result, their rows, and bytes a row (a multiple of 16, above 0). */
const A = 0;
const B = 1;
const OUT = 2;
const ROWS_A = 3;
const ROWS_B = 4;
const ROW_BYTES = 5;
const PARAMETERS = 6;

/**
 * `out[i * rowsB + j]` = row i of A · row j of B, a tile of `height` × `width` results at a time, so that every vector that
 * is loaded is used several times. The rows of A must be a multiple of `height`, those of B one of `width`. Each result is
 * summed in four lanes and the lanes as (l0 + l2) + (l1 + l3), the order that `VectorKernel` promises.
 */
export function dotsFunction<Name extends string>(name: Name, height: number, width: number): WasmFunction<Name> {
  const i = PARAMETERS;
  const j = i + 1;
  const end = j + 1;
  const rowA = (r: number): number => end + 1 + r;
  const rowB = (s: number): number => rowA(height) + s;
  const vectors = rowB(width);
  const sum = (r: number, s: number): number => vectors + r * width + s;
  const left = vectors + height * width;
  const right = (s: number): number => left + 1 + s;
  const tall = [...Array(height).keys()];
  const wide = [...Array(width).keys()];
  const tile = tall.flatMap((r) => wide.map((s) => [r, s] as const));

  const address = (base: number, counter: number, offset: number): Code =>
    [get(base), get(counter), constant(offset), add, get(ROW_BYTES), multiply, add].flat();

  const accumulate = repeatWhileLess(
    [
      ...wide.map((s) => [get(rowB(s)), loadVector, set(right(s))].flat()),
      ...tall.flatMap((r) => [
        [get(rowA(r)), loadVector, set(left)].flat(),
        ...wide.map((s) =>
          [get(sum(r, s)), get(left), get(right(s)), multiplyVectors, addVectors, set(sum(r, s))].flat(),
        ),
      ]),
      ...wide.map((s) => step(rowB(s))),
      ...tall.slice(1).map((r) => step(rowA(r))),
      [get(rowA(0)), constant(16), add, tee(rowA(0)), get(end)].flat(),
    ].flat(),
  );
  const store = tile.flatMap(([r, s]) => {
    const own = get(sum(r, s));
    const place = [get(OUT), get(i), constant(r), add, get(ROWS_B), multiply, get(j), constant(s), add, add];
    // (l0 + l2, l1 + l3, …), then the first two of these.
    const halves = [own, own, own, shuffle(2, 3, 0, 1), addVectors, tee(sum(r, s))];
    const whole = [own, own, shuffle(1, 0, 3, 2), addVectors, firstLane];
    return [place, [constant(4), multiply, add], halves, whole, [storeFloat]].flat(2);
  });
  const oneTile = [
    ...tall.map((r) => [address(A, i, r), set(rowA(r))].flat()),
    ...wide.map((s) => [address(B, j, s), set(rowB(s))].flat()),
    ...tile.map(([r, s]) => [zeroVector, set(sum(r, s))].flat()),
    [get(rowA(0)), get(ROW_BYTES), add, set(end)].flat(),
    accumulate,
    store,
  ].flat();
  const oneRow = repeatWhileLess([oneTile, get(j), constant(width), add, tee(j), get(ROWS_B)].flat());
  const body = [
    constant(0),
    set(i),
    repeatWhileLess([constant(0), set(j), oneRow, get(i), constant(height), add, tee(i), get(ROWS_A)].flat()),
  ].flat();
  return { name, parameters: PARAMETERS, numbers: vectors - PARAMETERS, vectors: height * width + 1 + width, body };
}
