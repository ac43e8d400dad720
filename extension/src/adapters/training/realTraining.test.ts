import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SnapshotImage } from '../../workflow/ports/job.ts';
import type { RunEvent } from '../../workflow/ports/trainer.ts';
import { plan, trainJob, temporaryFolder, writeImage } from './testing/runs.ts';
import { createTrainer } from './trainer.ts';

const trainerFolder = fileURLToPath(new URL('../../../../trainer', import.meta.url));
const python = [
  join(trainerFolder, '.venv', 'bin', 'python'),
  join(trainerFolder, '.venv', 'Scripts', 'python.exe'),
].find(existsSync);
// The setup of the project creates the trainer's environment.
const ready = python !== undefined && existsSync(join(trainerFolder, 'al_trainer', '__main__.py'));

/** A detector of three layers and a head. */
const architecture = `
nc: 3
backbone:
  - [-1, 1, Conv, [8, 3, 4]]
  - [-1, 1, Conv, [8, 3, 2]]
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 1, Conv, [16, 3, 2]]
head:
  - [[1, 2, 3], 1, Detect, [nc]]
`;

describe.skipIf(!ready)('a real training', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    folder = await temporaryFolder("al real [x] ü's ");
  });

  afterAll(() => folder.remove());

  it('goes from images to an exported model', { timeout: 300_000 }, async () => {
    const weights = join(folder.path, 'tiny.yaml');
    await writeFile(weights, architecture);
    const images: SnapshotImage[] = [];
    for (let imageId = 1; imageId <= 8; imageId += 1) {
      const absolutePath = join(folder.path, `image #${imageId}.${imageId % 2 === 0 ? 'jpg' : 'png'}`);
      const labelText = await writeImage(absolutePath, imageId);
      images.push({ imageId, absolutePath, labelText, split: imageId > 6 ? 'val' : 'train' });
    }
    const first = images[0]?.absolutePath ?? '';
    const before = await readFile(first);
    const trainer = createTrainer({ runsFolder: join(folder.path, 'runs'), python, trainerFolder });
    const environment = await trainer.checkEnvironment();
    expect(environment.devices).toContain('cpu');
    expect(environment.packages).toHaveProperty('ultralytics');
    const request = trainJob(images, { weights, plan: { ...plan, epochs: 2, batch: 2, nominalBatch: 2 } });
    await trainer.prepare(request);
    await trainer.start(request.runId);
    const events: RunEvent[] = [];
    const result = await trainer.follow(request.runId, {
      afterSequence: 0,
      onEvent: (event) => void events.push(event),
    });
    expect(result.error).toBeUndefined();
    expect(result).toMatchObject({
      status: 'finished',
      epochsCompleted: 2,
      device: 'cpu',
      optimizer: { name: 'AdamW', learningRate: 0.001, batch: 2, warmupBiasLearningRate: 0 },
      modelInfo: { head: 'dense', names: request.classNames, dynamic: true },
    });
    expect((await stat(result.onnxPath ?? '')).size).toBeGreaterThan(1000);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ kind }) => kind === 'epoch')).toHaveLength(2);
    expect(events.find(({ kind }) => kind === 'started')).toMatchObject({ device: 'cpu', epochs: 2 });
    expect(await readFile(first)).toEqual(before);
    expect(await trainer.isAlive(request.runId)).toBe(false);
  });
});
