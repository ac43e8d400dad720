import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../begin/paths.mjs';
import { compileWasm, wasmSources } from './wasm.ts';

it.each(wasmSources())('$compiled is what $text says', async (source) => {
  expect(readFileSync(join(root, source.compiled), 'utf8')).toBe(await compileWasm(source));
});

it('finds every text', () => {
  expect(wasmSources().map(({ text }) => text)).toEqual([
    'extension/src/adapters/inference/pixels/resample.wat',
    'extension/src/adapters/selection/dots.wat',
  ]);
});
