import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { collect, dynamicModel, options, repeated } from '../testing/predictions.ts';
import { paint, testFolder, testInference, workerPath } from '../testing/testBed.ts';

const folder = testFolder();
const picture = await paint(join(folder, 'picture.png'), 64, 64, 'red');

/** Bundles the worker into a separate folder, without native libraries. @returns the path of the bundle. */
async function bundle(name: string, format: 'esm' | 'cjs'): Promise<string> {
  const outfile = join(folder, name, format === 'esm' ? 'worker.mjs' : 'worker.cjs');
  mkdirSync(join(folder, name));
  const external = ['onnxruntime-node', 'sharp'];
  await build({
    entryPoints: [workerPath],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    external,
    logLevel: 'error',
  });
  return outfile;
}

describe('the bundled worker', () => {
  it.each(['esm', 'cjs'] as const)('predicts (%s)', async (format) => {
    const path = await bundle(format, format);
    symlinkSync(
      join(import.meta.dirname, '../../../../../node_modules'),
      join(folder, format, 'node_modules'),
      'junction',
    );
    const inference = testInference({ workerPath: path });
    const results = await collect(inference.predict(dynamicModel, repeated(picture, 5), options));
    expect(results.map((result) => result.ok && result.bestScore)).toStrictEqual([1, 1, 1, 1, 1]);
  });

  it('reports native libraries that cannot be loaded', async () => {
    const inference = testInference({ workerPath: await bundle('alone', 'esm') });
    const results = collect(inference.predict(dynamicModel, repeated(picture, 5), options));
    await expect(results).rejects.toMatchObject({
      code: 'runtime-missing',
      message: expect.stringContaining(`${process.platform}-${process.arch}`) as string,
    });
  });
});
