import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { collect, dynamicModel, options, repeated } from './testing/predictions.ts';
import { testFolder, testInference } from './testing/testBed.ts';
import type * as ProbeImages from './onnx/probeImage.ts';

vi.mock('./onnx/probeImage.ts', async (importOriginal) => {
  const { ProbeImage } = await importOriginal<typeof ProbeImages>();
  return {
    ProbeImage: class extends ProbeImage {
      override async path(): Promise<string> {
        await delay(400);
        return super.path();
      }
    },
  };
});

it('no further image is lost while the image for a probe is being written', async () => {
  const workerPath = join(testFolder(), 'worker.mjs');
  writeFileSync(
    workerPath,
    `process.on('disconnect', () => process.exit());
     process.on('message', ({ kind, run, job, imageId, path }) => {
       if (kind === 'open') process.send({ kind: 'opened', run });
       if (kind !== 'image') return;
       const bad = path === '/bad.png';
       process.send({ kind: 'stage', run, job, stage: 'decoding' }, () => bad && process.kill(process.pid, 'SIGKILL'));
       const result = { ok: true, imageId, width: 1, height: 1, detections: [], bestScore: 0 };
       if (!bad) process.send({ kind: 'result', run, job, result });
     });`,
  );
  const run = collect(testInference({ workerPath }).predict(dynamicModel, repeated('/bad.png', 1000), options));
  await expect(run).rejects.toMatchObject({ message: expect.stringContaining('40 images in a row') as string });
});
