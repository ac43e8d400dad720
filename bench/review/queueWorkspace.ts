import { linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { makePaintedDataset, openFakePorts } from '../../extension/test/support/fakePorts.ts';
import { createSession } from '../../extension/src/workflow/session/sessions.ts';
import { submitVerdict } from '../../extension/src/workflow/review/verdicts.ts';
import { createRandom } from '../../extension/src/core/random.ts';
import type { Detection } from '../../extension/src/core/detection/types.ts';

export interface QueueOptions {
  readonly folder: string;
  /** Images of the queue, of this size in pixels. */
  readonly images: number;
  readonly width: number;
  readonly height: number;
  /** Predicted boxes of the first images of the queue; all others have two. */
  readonly boxes: readonly number[];
}

/** Files with different pixels; the images of the queue are links to them. */
const files = 8;

/**
 * Makes a workspace with a session whose batch has `images` samples. The images are written into the database as a scan
 * would, because reading 10,000 files takes longer than all that is measured.
 */
export async function makeQueueWorkspace({ folder, images, width, height, boxes }: QueueOptions): Promise<void> {
  const yaml = await makePaintedDataset(folder, { a: { spots: [] } });
  const { ports, workspace } = await openFakePorts(folder);
  const source = { kind: 'yaml', path: yaml, poolFolders: [] } as const;
  const { session } = await createSession(ports, source, { name: 'Queue', baseModel: 'yolov8n.yaml', imageSize: 640 });
  await writeImages(folder, images, width, height);
  const [root] = await ports.store.datasets.roots(session.datasetId);
  const ids = await ports.store.images.insert(
    session.datasetId,
    Array.from({ length: images }, (_, index) => ({
      rootId: root?.id ?? 0,
      relativePath: `images/train/${nameOf(index)}`,
      contentHash: `content${index % files}`,
      labelHash: null,
      width,
      height,
      split: 'train' as const,
      state: 'unlabelled' as const,
      captureGroup: null,
      size: 0,
      mtimeMs: 0,
      problem: null,
      perceptualHash: null,
    })),
  );
  const iteration = await ports.store.iterations.create(session.id, 1, 'reviewing');
  await ports.store.sessions.update(session.id, { status: 'active', currentIteration: 1 });
  await ports.store.samples.replaceBatch(
    iteration.id,
    ids.map((imageId, rank) => ({
      imageId,
      rank,
      uncertaintyScore: 0.2,
      confidenceVariance: 0,
      entropyScore: 0.5,
      combinedScore: 0.3,
      scores: { combined: 0.3 },
      predictedBoxes: gridOfBoxes(boxes[rank] ?? 2, width, height),
      maxConfidence: 0.8,
      minConfidence: 0.8,
      reasons: ['one box near the threshold'],
    })),
  );
  await workspace.close();
}

/** Milliseconds of verdicts that are written by the use case in this process, on samples that have none. */
export async function timeVerdicts(folder: string, count: number): Promise<number[]> {
  const { ports, workspace } = await openFakePorts(folder);
  const [session] = await ports.store.sessions.list();
  const [iteration] = await ports.store.iterations.list(session?.id ?? 0);
  const samples = await ports.store.samples.queue(iteration?.id ?? 0);
  const times: number[] = [];
  for (const { id } of samples.filter(({ verdict }) => verdict === null).slice(-count)) {
    const began = performance.now();
    await submitVerdict(ports, id, { verdict: 'accepted' }, { reviewSeconds: 1 });
    times.push(performance.now() - began);
  }
  await workspace.close();
  return times;
}

/** Boxes side by side in rows, in pixels; the first one is at the upper left. */
function gridOfBoxes(count: number, width: number, height: number): Detection[] {
  const columns = Math.ceil(Math.sqrt(count));
  const [cellWidth, cellHeight] = [width / columns, height / columns];
  return Array.from({ length: count }, (_, index) => {
    const x1 = (index % columns) * cellWidth + cellWidth * 0.1;
    const y1 = Math.floor(index / columns) * cellHeight + cellHeight * 0.1;
    return {
      classId: index % 3,
      confidence: 0.8,
      box: { x1, y1, x2: x1 + cellWidth * 0.8, y2: y1 + cellHeight * 0.8 },
    };
  });
}

function nameOf(index: number): string {
  return `q${String(index).padStart(5, '0')}.jpg`;
}

async function writeImages(folder: string, images: number, width: number, height: number): Promise<void> {
  const sources = join(folder, 'sources');
  mkdirSync(sources);
  const random = createRandom(1);
  for (let file = 0; file < files; file++) {
    // Coarse noise, enlarged: a JPEG of it is about as large as one of a photograph.
    const pixels = Buffer.from(Array.from({ length: 160 * 120 * 3 }, () => Math.floor(random() * 256)));
    await sharp(pixels, { raw: { width: 160, height: 120, channels: 3 } })
      .resize(width, height, { fit: 'fill' })
      .jpeg({ quality: 85 })
      .toFile(join(sources, `${file}.jpg`));
  }
  for (let index = 0; index < images; index++) {
    linkSync(join(sources, `${index % files}.jpg`), join(folder, 'images', 'train', nameOf(index)));
  }
}
