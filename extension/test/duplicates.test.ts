import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../src/core/random.ts';
import { embeddingsFor } from '../src/workflow/similarity/embedImages.ts';
import { selectBatch } from '../src/workflow/iteration/selection/selectBatch.ts';
import { readHashes } from '../src/workflow/dataset/datasetHashes.ts';
import { findDuplicates, nearDuplicates } from '../src/workflow/similarity/duplicates.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { validateDataset } from '../src/workflow/dataset/validateDataset.ts';
import { currentValidation } from '../src/workflow/dataset/validationSet.ts';
import type { SessionRow } from '../src/workflow/ports/store/sessions.ts';
import { al } from './support/commandLine.ts';
import { bench, useWorkspaces } from './support/useCaseBench.ts';

useWorkspaces('duplicates-');
let root = '';
let ports: Ports;
beforeEach(() => {
  ({ root, ports } = bench());
});

/** A scene of coloured patches from a seed, as an image of 320 × 240. */
function scene(seed: number): Sharp {
  const random = createRandom(seed);
  const number = (most: number): number => Math.floor(random() * most);
  const colour = (): string => `rgb(${number(256)},${number(256)},${number(256)})`;
  const patches = Array.from(
    { length: 18 },
    () =>
      `<rect x="${number(300)}" y="${number(220)}" width="${20 + number(110)}" height="${20 + number(90)}" fill="${colour()}"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240" fill="${colour()}"/>${patches.join('')}</svg>`;
  return sharp(Buffer.from(svg)).removeAlpha();
}

async function put(split: 'train' | 'val', name: string, picture: Sharp, label?: string): Promise<string> {
  await mkdir(join(root, 'data', 'images', split), { recursive: true });
  await mkdir(join(root, 'data', 'labels', split), { recursive: true });
  const path = join(root, 'data', 'images', split, name);
  await picture.toFile(path);
  if (label !== undefined) await writeFile(join(root, 'data', 'labels', split, name.replace(/\.\w+$/, '.txt')), label);
  return path;
}

const box = '0 0.5 0.5 0.2 0.2\n';

async function writeYaml(withValidation: boolean): Promise<string> {
  const yaml = join(root, 'data', 'data.yaml');
  const val = withValidation ? 'val: images/val\n' : '';
  await writeFile(yaml, `path: .\ntrain: images/train\n${val}names: [a]\n`);
  return yaml;
}

async function newSession(withValidation = true): Promise<SessionRow> {
  const source = { kind: 'yaml', path: await writeYaml(withValidation), poolFolders: [] } as const;
  const settings = { name: 'Scenes', baseModel: 'yolov8n.pt', imageSize: 64 };
  return (await createSession(ports, source, settings)).session;
}

async function names(session: SessionRow, groups: readonly (readonly number[])[]): Promise<string[][]> {
  const rows = await ports.store.images.find({ datasetId: session.datasetId });
  const byId = new Map(rows.map((row) => [row.id, row.relativePath.replace(/^images\//, '')]));
  return groups
    .map((group) => group.map((id) => byId.get(id) ?? ''))
    .toSorted((a, b) => String(a).localeCompare(String(b)));
}

const compressed = (seed: number): Sharp => scene(seed).jpeg({ quality: 85 });
/** Sharp resizes first, whatever was asked for first: copies are made of the finished picture. */
const copyOf = async (seed: number): Promise<Sharp> => sharp(await scene(seed).png().toBuffer());

describe('duplicates', () => {
  test('are found in a batch, against the labelled set and across the validation split; other scenes are none', async () => {
    await put('val', 'v1.png', scene(1), box);
    await put('train', 'leaks.jpg', compressed(1), box);
    await put('train', 'pool leaks.jpg', (await copyOf(1)).resize(240).jpeg({ quality: 90 }));
    await put('train', 'labelled.png', scene(2), box);
    await put('train', 'like labelled.jpg', (await copyOf(2)).resize(400).jpeg({ quality: 90 }));
    await put('train', 'pool a.png', scene(3));
    await put('train', 'pool b.png', (await copyOf(3)).blur(0.8).png());
    await put('train', 'same.png', scene(4));
    await put('train', 'same again.png', scene(4));
    for (let seed = 10; seed < 40; seed++) await put('train', `other ${seed}.png`, scene(seed));

    const session = await newSession();
    const found = await nearDuplicates(
      ports,
      await readHashes(ports, session.datasetId),
      await embeddingsFor(ports, session),
    );
    const { groups } = found;
    expect({ ...found, trainingLeaks: found.trainingLeaks.length }).toMatchObject({ poolLeaks: 1, trainingLeaks: 1 });
    expect(await names(session, groups)).toEqual([
      ['train/labelled.png', 'train/like labelled.jpg'],
      ['train/pool a.png', 'train/pool b.png'],
      ['train/same again.png', 'train/same.png'],
      ['val/v1.png', 'train/leaks.jpg', 'train/pool leaks.jpg'],
    ]);
    // Without vectors too: the pictures are close enough.
    expect(
      await names(session, (await nearDuplicates(ports, await readHashes(ports, session.datasetId), null)).groups),
    ).toEqual(await names(session, groups));

    const report = await findDuplicates(ports, session.id);
    expect(report).toMatchObject({ images: 39, withEmbeddings: true });
    expect(report.groups).toHaveLength(4);
    expect(report.groups.flatMap(({ others }) => others).filter(({ sameFile }) => sameFile)).toHaveLength(1);
    expect(report.leaks.map(({ held, image }) => [held.file, image.file, image.state])).toEqual([
      [join(root, 'data/images/val/v1.png'), join(root, 'data/images/train/leaks.jpg'), 'labelled'],
      [join(root, 'data/images/val/v1.png'), join(root, 'data/images/train/pool leaks.jpg'), 'unlabelled'],
    ]);
  });

  test('across the validation split are reported with the batch', async () => {
    await put('val', 'v1.png', scene(1), box);
    await put('train', 'leaks.jpg', compressed(1), box);
    await put('train', 'pool leaks.jpg', (await copyOf(1)).resize(240).jpeg({ quality: 90 }));
    for (let seed = 10; seed < 14; seed++) await put('train', `other ${seed}.png`, scene(seed));
    const session = { ...(await newSession()), maxSamplesPerIteration: 4 };
    const iteration = await ports.store.iterations.create(session.id, 0, 'selecting');
    const { notes } = await selectBatch(ports, session, iteration, null);
    const batch = await ports.store.samples.list(iteration.id);
    const chosen = await names(session, [batch.map(({ imageId }) => imageId)]);
    expect(chosen[0]?.toSorted()).toEqual([10, 11, 12, 13].map((seed) => `train/other ${seed}.png`));
    expect(notes).toEqual(
      expect.arrayContaining([
        '1 image of the pool shows what a validation or test image shows: left out while there are others.',
        '1 labelled training image shows what a validation or test image shows, which makes the metrics too high. Find Duplicates lists them.',
      ]),
    );
  });

  test('are found by their hashes where the model for the vectors is gone', async () => {
    await put('val', 'v1.png', scene(1), box);
    await put('train', 'leaks.jpg', compressed(1), box);
    const session = await newSession();
    await ports.store.sessions.update(session.id, { settings: { baseModel: 'yolov8n.yaml' } });
    const iteration = await ports.store.iterations.create(session.id, 1, 'training');
    const gone = join(root, 'gone.onnx');
    await ports.store.models.create({
      sessionId: session.id,
      iterationId: iteration.id,
      modelPath: gone,
      weightsPath: gone,
      performanceMetrics: {},
      modelSizeMb: 1,
      labelSnapshot: '',
      lineage: {},
    });
    const told: string[] = [];
    const report = await findDuplicates(ports, session.id, { report: ({ message }) => void told.push(message) });
    expect(report).toMatchObject({ withEmbeddings: false, leaks: [{ image: { state: 'labelled' } }] });
    expect(told.join()).toContain('compared by their hashes alone');
  });

  test('are listed by the command line, also without a model that could compare', async () => {
    await put('val', 'v1.png', scene(1), box);
    await put('train', 'leaks.jpg', compressed(1), box);
    await put('train', 'same.png', scene(4));
    await put('train', 'same again.png', scene(4));
    await put('train', 'other.png', scene(5));
    const yaml = await writeYaml(true);
    const workspace = join(root, 'elsewhere');
    await mkdir(workspace);
    const made = await al(workspace, 'create', '--data', yaml, '--name', 'Scenes', '--weights', 'yolov8n.yaml');
    expect(made.all).toContain('is ready');
    const listed = await al(workspace, 'duplicates', '--json');
    expect(listed.exitCode).toBe(1);
    expect(JSON.parse(String(listed.stdout))).toMatchObject({
      images: 5,
      withEmbeddings: false,
      groups: [{ others: [{ sameFile: false, cosine: null }] }, { others: [{ sameFile: true }] }],
      leaks: [{ held: { split: 'val' }, image: { split: 'train', state: 'labelled' } }],
    });
    const told = await al(workspace, 'duplicates');
    expect(told.stdout).toContain('5 images: 2 show the same as another one, in 2 groups');
    expect(told.stdout).toContain('same file');
    expect(told.stdout).toMatch(/leaks\.jpg \(train\) shows the same as .*v1\.png \(val\)/);
  });

  test('across the validation split are reported by a validation of the dataset, with both files', async () => {
    const held = await put('val', 'v1.png', scene(1), box);
    const leak = await put('train', 'leaks.jpg', compressed(1), box);
    await put('train', 'other.jpg', compressed(2), box);
    const { problems } = await validateDataset(ports, { kind: 'yaml', path: await writeYaml(true), poolFolders: [] });
    const leaks = problems.filter(({ code }) => code === 'near-duplicate-leak');
    expect(leaks).toHaveLength(1);
    expect(leaks[0]?.message).toContain(`${leak} (train) looks the same as ${held} (val)`);
  });

  test('stay on one side where validation images are drawn', async () => {
    for (let seed = 1; seed <= 16; seed++) {
      await put('train', `${seed} a.png`, scene(seed), box);
      await put('train', `${seed} b.jpg`, compressed(seed), box);
    }
    const session = await newSession(false);
    const rows = await ports.store.images.find({ datasetId: session.datasetId });
    const revision = await currentValidation(ports, session.datasetId, false, 5);
    const drawn = new Set(revision.members.map(({ imageId }) => imageId));
    const sides = new Map<string, boolean[]>();
    for (const { id, relativePath } of rows) {
      const name = relativePath.replace(/^images\/train\/(\d+) .*/, '$1');
      sides.set(name, [...(sides.get(name) ?? []), drawn.has(id)]);
    }
    const together = [...sides.values()].filter(([a, b]) => a === b);
    expect(together).toHaveLength(16);
    expect(together.filter(([a]) => a)).toHaveLength(3);
  });
});
