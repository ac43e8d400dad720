/** Writes ONNX files by hand (onnx.proto3): just enough of the format to make bad ones. */

type Field = readonly [number: number, value: number | string | Uint8Array | readonly Field[]];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function message(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(number * 8), varint(value)];
      const bytes =
        typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : message(value);
      return [varint(number * 8 + 2), varint(bytes.length), bytes];
    }),
  );
}

export const FLOAT = 1;
export const DOUBLE = 11;

type Dimension = number | string;

function valueInfo(name: string, type: number, shape: readonly Dimension[] | null): Field[] {
  const dimensions = (shape ?? []).map((size): Field => [1, [typeof size === 'number' ? [1, size] : [2, size]]]);
  return [
    [1, name],
    [2, [[1, [[1, type], ...(shape === null ? [] : [[2, dimensions] as Field])]]]],
  ];
}

export interface Node {
  readonly op: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly domain?: string;
  readonly attributes?: readonly (readonly Field[])[];
}

export interface Model {
  readonly nodes: readonly Node[];
  readonly inputs?: readonly (readonly [name: string, type: number, shape: readonly Dimension[]])[];
  readonly outputs?: readonly string[];
  /** Tensors as fields of TensorProto. */
  readonly tensors?: readonly (readonly Field[])[];
  readonly opset?: number;
  readonly version?: number;
}

/** Whole numbers as a tensor. */
export function whole(name: string, values: readonly number[]): Field[] {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, size] of values.entries()) bytes.writeBigInt64LE(BigInt(size), index * 8);
  return [
    [1, values.length],
    [2, 7],
    [8, name],
    [9, bytes],
  ];
}

function entry(key: string, text: string): Field {
  return [
    13,
    [
      [1, key],
      [2, text],
    ],
  ];
}

/** 64 bytes whose content lies in another file. */
export function outside(name: string, location: string): Field[] {
  return [
    [1, 64],
    [2, 2],
    [8, name],
    entry('location', location),
    entry('offset', '0'),
    entry('length', '64'),
    [14, 1],
  ];
}

const anySize = [['images', FLOAT, ['b', 3, 'h', 'w']]] as const;

export function onnxFile({
  nodes,
  inputs = anySize,
  outputs = ['output0'],
  tensors = [],
  opset = 17,
  version = 8,
}: Model): Buffer {
  const graph: Field[] = [
    ...nodes.map(({ op, from, to, domain, attributes = [] }): Field => [
      1,
      [
        ...from.map((name): Field => [1, name]),
        ...to.map((name): Field => [2, name]),
        [4, op],
        ...attributes.map((attribute): Field => [5, attribute]),
        ...(domain === undefined ? [] : [[7, domain] as Field]),
      ],
    ]),
    [2, 'graph'],
    ...tensors.map((tensor): Field => [5, tensor]),
    ...inputs.map(([name, type, shape]): Field => [11, valueInfo(name, type, shape)]),
    ...outputs.map((name): Field => [12, valueInfo(name, FLOAT, null)]),
  ];
  const domains = [...new Set(nodes.flatMap(({ domain }) => (domain === undefined ? [] : [domain])))];
  return message([
    [1, version],
    [7, graph],
    [
      8,
      [
        [1, ''],
        [2, opset],
      ],
    ],
    ...domains.map((domain): Field => [
      8,
      [
        [1, domain],
        [2, 1],
      ],
    ]),
  ]);
}
