import { describe, expect, test } from 'vitest';
import { DetectionError } from './errors.ts';
import { chooseHead, detectionsOutput, parseModelInfo } from './modelInfo.ts';

const valid = {
  schema: 1,
  head: 'dense',
  names: ['scratch', 'dent'],
  stride: 32,
  imageSize: 320,
  dynamic: true,
  input: { name: 'images' },
  outputs: [
    { name: 'output0', role: 'detections' },
    { name: 'embedding', role: 'embedding', dimensions: 448 },
  ],
};

/** An output `[1, rows, 6]`. */
const sixColumns = (...rows: number[][]): Float32Array => Float32Array.from(rows.flat());

describe('parseModelInfo', () => {
  test('a valid file', () => {
    const info = parseModelInfo({ ...valid, written: 'by a later version' });
    expect(info).toEqual(valid);
    expect(detectionsOutput(info)).toBe('output0');
  });

  test.each([
    ['no object', null, /expected object/],
    ['another schema', { ...valid, schema: 2 }, /schema/],
    ['an unknown head', { ...valid, head: 'yolox' }, /head/],
    ['no classes', { ...valid, names: [] }, /names/],
    ['a stride of 0', { ...valid, stride: 0 }, /stride/],
    ['no boxes', { ...valid, outputs: [{ name: 'e', role: 'embedding' }] }, /"detections", found 0/],
    ['a name twice', { ...valid, outputs: [...valid.outputs, { name: 'output0', role: 'dfl' }] }, /same name/],
    ['a broken output', { ...valid, outputs: [{ name: 3, role: 'detections' }] }, /outputs\.0\.name/],
  ])('%s is named', (_, value, message) => {
    const parse = (): unknown => parseModelInfo(value, '/runs/1/weights/model.json');
    expect(parse).toThrow(message);
    expect(parse).toThrow(DetectionError);
    expect(parse).toThrow('/runs/1/weights/model.json');
  });

  test('detectionsOutput refuses a model without boxes', () => {
    const info = parseModelInfo(valid);
    expect(() => detectionsOutput({ ...info, outputs: [] })).toThrow(DetectionError);
  });
});

describe('chooseHead', () => {
  test('by shape', () => {
    expect(chooseHead([1, 84, 8400])).toEqual({ head: 'dense', classCount: 80 });
    expect(chooseHead([4, 5, 21])).toEqual({ head: 'dense', classCount: 1 });
    expect(chooseHead([1, 300, 6])).toEqual({ head: 'end2end', classCount: null });
    expect(chooseHead([1, 300, 6], undefined, 80)).toEqual({ head: 'end2end', classCount: 80 });
  });

  test('many classes on a small input are dense where the number of classes is known', () => {
    expect(chooseHead([1, 84, 21], undefined, 80)).toEqual({ head: 'dense', classCount: 80 });
    expect(() => chooseHead([1, 84, 21])).toThrow(DetectionError);
  });

  test('a dense head may have further channels', () => {
    expect(chooseHead([1, 116, 8400], undefined, 80)).toEqual({ head: 'dense', classCount: 80 });
  });

  test('six columns are told apart by their values', () => {
    const pixels = sixColumns([10, 10, 200, 220, 0.9, 1], [0, 0, 0, 0, 0, 0]);
    const relative = sixColumns([0.5, 0.5, 1.02, 0.4, 0.9, 1], [0.5, 0.5, 0.1, 0.1, 0.3, 79]);
    expect(chooseHead([1, 2, 6], pixels).head).toBe('end2end');
    expect(chooseHead([1, 2, 6], relative).head).toBe('rtdetr');
    expect(chooseHead([1, 2, 6], new Float32Array(12)).head).toBe('end2end');
  });

  test.each([
    [[1, 85, 22, 22], undefined],
    [[1, 3549, 8], undefined],
    [[1, 3549, 8], 3],
    [[1, 300, 84], 80],
    [[1, 4, 8400], undefined],
    [[1, 84, 3], undefined],
    [[], undefined],
  ])('%j of other detectors is refused', (dims, classCount) => {
    expect(() => chooseHead(dims, undefined, classCount)).toThrow(DetectionError);
  });
});
