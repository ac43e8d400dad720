import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { dynamicModel, tinyModelInfo } from '../../extension/src/adapters/inference/testing/predictions.ts';
import { productPaths } from '../../extension/src/composition/productPaths.ts';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';
import { withSize } from './modelSize.ts';
import { openOurs } from './ours.ts';

const info: ModelFiles['info'] = { ...tinyModelInfo, outputs: [{ name: 'output0', role: 'detections' }] };

test('the product scores a model of the size that the others count their workers by', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-ours-'));
  const onnxPath = join(folder, 'model.onnx');
  await copyFile(dynamicModel.onnxPath, onnxPath);
  await writeFile(join(folder, 'model.json'), JSON.stringify(info));
  const image = join(folder, 'red.png');
  await sharp({ create: { width: 32, height: 32, channels: 3, background: '#f00' } }).toFile(image);
  const model = withSize({ onnxPath, info });
  const setup = { folder: join(folder, 'space'), paths: [image], model, imageSize: 64, productPaths: productPaths() };
  const ours = await openOurs(setup);
  try {
    const { version } = await ours.run();
    expect(version.modelSizeMb).toBe((await stat(onnxPath)).size / 1e6);
  } finally {
    await ours.close();
    await rm(folder, { recursive: true });
  }
});
