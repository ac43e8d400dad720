import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInference } from '../../src/adapters/inference/onnx/createInference.ts';
import { dynamicModel, options } from '../../src/adapters/inference/testing/predictions.ts';

import { parseModelInfo } from '../../src/core/detection/modelInfo.ts';
import type { BadInput, Kind, Told } from './badInput.ts';
import { DOUBLE, FLOAT, onnxFile, outside, whole, type Model, type Node } from './onnxFile.ts';
import { picture, put } from './pictures.ts';

const workerPath = join(import.meta.dirname, '..', '..', 'src', 'adapters', 'inference', 'onnx', 'worker.ts');
const inference = createInference({ workerPath, imageTimeoutMs: 10_000, startTimeoutMs: 20_000 });

/** Predicts one picture with `model.onnx`, whose description is that of a detector of two classes. */
async function predict(folder: string): Promise<readonly Told[]> {
  const path = join(folder, 'picture.png');
  const info = { ...dynamicModel.info, names: ['a', 'b'], outputs: [{ name: 'output0', role: 'detections' as const }] };
  const told: Told[] = [];
  const model = { onnxPath: join(folder, 'model.onnx'), info };
  for await (const result of inference.predict(model, [{ imageId: 1, absolutePath: path }], options)) {
    if (!result.ok)
      told.push({ code: result.code, message: result.message, hint: 'The image is left out.', where: path });
  }
  return told;
}

function file(name: string, make: (path: string) => void, says: RegExp, code = 'model-broken'): BadInput {
  const making = (folder: string): void => {
    put(folder, 'picture.png', picture());
    make(join(folder, 'model.onnx'));
  };
  return { name, make: making, meet: predict, code, says, names: 'model.onnx' };
}

const bytes = (name: string, content: () => Uint8Array | string, says: RegExp): BadInput =>
  file(name, (path) => writeFileSync(path, content()), says);
const model = (name: string, graph: Model, says: RegExp): BadInput => bytes(name, () => onnxFile(graph), says);

const maximum: Node = {
  op: 'ReduceMax',
  from: ['images'],
  to: ['max'],
  attributes: [
    [
      [1, 'keepdims'],
      [3, 0],
      [20, 2],
    ],
  ],
};
const expand: Node = { op: 'Expand', from: ['max', 'shape'], to: ['output0'] };
const shape = (...sizes: readonly number[]) => whole('shape', sizes);
/** What a detector of two classes gives: 4 + 2 rows. */
const good: Model = { nodes: [maximum, expand], tensors: [shape(1, 6, 8)] };
const weights: readonly Node[] = [
  {
    op: 'Cast',
    from: ['w'],
    to: ['wf'],
    attributes: [
      [
        [1, 'to'],
        [3, FLOAT],
        [20, 2],
      ],
    ],
  },
  {
    op: 'ReduceMax',
    from: ['wf'],
    to: ['wm'],
    attributes: [
      [
        [1, 'keepdims'],
        [3, 0],
        [20, 2],
      ],
    ],
  },
  maximum,
  { op: 'Add', from: ['max', 'wm'], to: ['sum'] },
  { op: 'Expand', from: ['sum', 'shape'], to: ['output0'] },
];
const external = (location: string): Model => ({ nodes: weights, tensors: [shape(1, 6, 8), outside('w', location)] });

const files: readonly BadInput[] = [
  file('no file', () => {}, /no model at/, 'model-missing'),
  file('a folder', (path) => mkdirSync(path), /cannot be used/),
  bytes('nothing', () => '', /cannot be used/),
  bytes('text', () => 'this is no model', /cannot be used/),
  bytes(
    'random bytes',
    () => Buffer.from(Array.from({ length: 5000 }, (_each, i) => (i * 7919) % 256)),
    /cannot be used/,
  ),
  bytes('half a model', () => readFileSync(dynamicModel.onnxPath).subarray(0, 900), /cannot be used/),
  bytes('weights of PyTorch', () => Buffer.from('PK\u0003\u0004\0\0\0\0archive/data.pkl', 'latin1'), /cannot be used/),
  bytes(
    'a pointer of Git LFS',
    () => 'version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 19\n',
    /cannot be used/,
  ),
];

const graphs: readonly BadInput[] = [
  model('a graph without nodes', { nodes: [] }, /cannot be used/),
  model('an operation that nobody knows', { ...good, nodes: [maximum, { ...expand, op: 'Evil' }] }, /Evil/),
  model(
    'an operation of another library',
    { ...good, nodes: [maximum, { ...expand, domain: 'evil.ops' }] },
    /evil\.ops/,
  ),
  model('a future set of operations', { ...good, opset: 9999 }, /opset|Opset/),
  model('a future version of the format', { ...good, version: 999 }, /IR version/),
  model(
    'a circle',
    { ...good, nodes: [{ op: 'Add', from: ['output0', 'max'], to: ['max'] }, expand] },
    /cannot be used/,
  ),
  model('a value that nobody makes', { ...good, nodes: [expand] }, /cannot be used/),
  model('weights in the passwords of the system', external('../../../../../../../etc/passwd'), /cannot be used/),
  model('weights at an absolute path', external('/etc/passwd'), /cannot be used/),
  model('weights in a file that is not there', external('gone.bin'), /cannot be used/),
  model('an output of 64 GB', { ...good, tensors: [shape(1, 8, 2 ** 31)] }, /cannot be used/),
  model('an output of no size at all', { ...good, tensors: [shape(1, 6, -5)] }, /cannot be used/),
  model('an output of fewer classes', { ...good, tensors: [shape(1, 5, 8)] }, /2 classes/),
  model('an output of four dimensions', { ...good, tensors: [shape(1, 1, 6, 8)] }, /cannot be used/),
  model('another name of the output', { ...good, outputs: ['max'] }, /outputs max/),
  model(
    'another name of the input',
    { ...good, inputs: [['pixels', FLOAT, ['b', 3, 'h', 'w']]], nodes: [{ ...maximum, from: ['pixels'] }, expand] },
    /inputs pixels/,
  ),
  model(
    'two inputs',
    {
      ...good,
      inputs: [
        ['images', FLOAT, ['b', 3, 'h', 'w']],
        ['more', FLOAT, [1]],
      ],
    },
    /inputs images, more/,
  ),
  model('grey images', { ...good, inputs: [['images', FLOAT, [1, 1, 64, 64]]] }, /1 channels/),
  model('a batch of 16', { ...good, inputs: [['images', FLOAT, [16, 3, 64, 64]]] }, /batch is fixed to 16/),
  model('an input that is not square', { ...good, inputs: [['images', FLOAT, [1, 3, 64, 128]]] }, /128 × 64/),
  model('an input of three dimensions', { ...good, inputs: [['images', FLOAT, [3, 64, 64]]] }, /no float32 tensor/),
  model('an input of double precision', { ...good, inputs: [['images', DOUBLE, [1, 3, 64, 64]]] }, /cannot be used/),
];

const links: readonly BadInput[] = [
  file('a link to nothing', (path) => symlinkSync('gone.onnx', path), /no model at/, 'model-missing'),
  file('a link to itself', (path) => symlinkSync('model.onnx', path), /no model at|cannot be used/, 'model-missing'),
  file('a named pipe', (path) => execFileSync('mkfifo', [path]), /cannot be used/),
  file('a device without end', (path) => symlinkSync('/dev/zero', path), /cannot be used/),
];

const info = {
  schema: 1,
  head: 'dense',
  names: ['a'],
  stride: 8,
  imageSize: 64,
  dynamic: true,
  input: { name: 'images' },
};
const outputs = [{ name: 'output0', role: 'detections' }];

const descriptions: readonly BadInput[] = [
  ['a list', [], /does not describe/],
  ['null', null, /does not describe/],
  ['another schema', { ...info, outputs, schema: 2 }, /schema/],
  ['a head that nobody knows', { ...info, outputs, head: 'many' }, /head/],
  ['no names', { ...info, outputs, names: [] }, /names/],
  ['an empty name', { ...info, outputs, names: [''] }, /names/],
  ['a stride of 0', { ...info, outputs, stride: 0 }, /stride/],
  ['a size that is endless', { ...info, outputs, imageSize: Number.POSITIVE_INFINITY }, /imageSize/],
  ['no outputs', { ...info, outputs: [] }, /detections/],
  ['two outputs of one name', { ...info, outputs: [...outputs, { name: 'output0', role: 'feature' }] }, /same name/],
  ['__proto__', JSON.parse('{"__proto__": {"schema": 1}}'), /schema/],
].map(([name, value, says]) => ({
  name: `model.json: ${String(name)}`,
  make: (folder) => put(folder, 'model.json', JSON.stringify(value)),
  meet: async (folder) => {
    const path = join(folder, 'model.json');
    parseModelInfo(JSON.parse(readFileSync(path, 'utf8')), path);
    return [];
  },
  code: 'model-info-invalid',
  says: says as RegExp,
  names: 'model.json',
}));

export const onnx: Kind = {
  kind: 'ONNX',
  inputs: [...files, ...graphs, ...(process.platform === 'win32' ? [] : links), ...descriptions],
  close: () => inference.close(),
};
