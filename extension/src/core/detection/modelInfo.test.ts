import { describe, expect, test } from 'vitest';
import { DetectionError } from './errors.ts';
import { parseModelInfo } from './modelInfo.ts';

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

describe('parseModelInfo', () => {
  test('a valid file', () => {
    const info = parseModelInfo({ ...valid, written: 'by a later version' });
    expect(info).toEqual(valid);
  });

  test.each([
    ['no object', null, /must be an object/],
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
});
