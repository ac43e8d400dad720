import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';
import { withSize } from './modelSize.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-size-'));
afterAll(() => rmSync(folder, { recursive: true }));

const info: ModelFiles['info'] = {
  schema: 1,
  head: 'dense',
  names: ['a'],
  stride: 32,
  imageSize: 64,
  dynamic: true,
  input: { name: 'images' },
  outputs: [{ name: 'output0', role: 'detections' }],
};

function file(name: string, bytes: number): string {
  writeFileSync(join(folder, name), new Uint8Array(bytes));
  return join(folder, name);
}

test('a model is as large as its weights, or as its graph where there are none', () => {
  const onnxPath = file('model.onnx', 3e6);
  const weightsPath = file('best.pt', 2e6);
  expect(withSize({ onnxPath, info }).sizeMb).toBe(3);
  expect(withSize({ onnxPath, weightsPath, info }).sizeMb).toBe(2);
  // Of an int8 copy, the size of the full one.
  expect(withSize({ onnxPath, info, sizeMb: 12 }).sizeMb).toBe(12);
});
