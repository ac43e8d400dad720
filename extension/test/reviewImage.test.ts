import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type { HostContext } from '../src/host/context.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import { imageQueue } from '../src/workflow/review/imageQueue.ts';
import type { ImageList } from '../src/workflow/review/imageVerdicts.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { editorState } from './support/editorState.ts';
import { makePaintedDataset, rowOf, type PaintedObject } from './support/fakePorts.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import { fakeFolder } from './support/fakeFolder.ts';
import { bench, useWorkspaces } from './support/useCaseBench.ts';

vi.mock('vscode', () => fakeVscode);
const { reviewImageCommand } = await import('../src/host/commands/reviewImage.ts');
const { FolderContext } = await import('../src/host/workspace/folderContext.ts');

useWorkspaces('al image ');
let root = '';
let ports: Ports;
beforeEach(() => {
  ({ root, ports } = bench());
  editorState.folder = root;
  editorState.trusted = true;
  editorState.seen = [];
});

const red: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 240 };
const green: PaintedObject = { column: 5, row: 5, classId: 1, brightness: 130 };

/** What a command with this image opens: a sample, or a list of images. */
async function review(path: string): Promise<{ readonly sampleId?: number; readonly list?: ImageList }> {
  const folder = fakeFolder(FolderContext, ports);
  let opened: { sampleId?: number; list?: ImageList } = {};
  const host = {
    folders: { openAll: async () => [folder] },
    panels: {
      showReview: async (_ref: unknown, sampleId: number) => void (opened = { sampleId }),
      showImages: async (_ref: unknown, list: ImageList) => void (opened = { list }),
    },
  };
  await reviewImageCommand(host as unknown as HostContext, fakeVscode.Uri.file(path));
  return opened;
}

async function trained() {
  const labelled = Object.fromEntries(
    Array.from({ length: 5 }, (_, i) => {
      const spot = { ...red, column: i };
      return [`known ${i}`, { spots: [spot, green], label: `${rowOf(spot)}\n` }];
    }),
  );
  const pool = { sure: { spots: [red] }, unsure: { spots: [{ ...red, brightness: 128 }] } };
  const path = await makePaintedDataset(join(root, 'data'), { ...labelled, ...pool });
  const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, maxSamplesPerIteration: 1 };
  const { session } = await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, settings);
  await runIteration(ports, session.id);
  return session;
}

const pathOf = (name: string): string => join(root, 'data', 'images', 'train', `${name}.png`);

test('opens a labelled image with its labels and what the active version sees on it', async () => {
  const session = await trained();
  const { list } = await review(pathOf('known 1'));
  if (list === undefined) throw new Error('no list was opened');
  expect(list).toMatchObject({ title: 'known 1.png', images: [expect.any(Number)] });
  const { current } = await imageQueue(ports, session.id, list);
  expect(current?.labels).toHaveLength(1);
  const seen = current?.sample.predictedBoxes.filter(({ confidence }) => confidence > 0.4) ?? [];
  expect(seen.map(({ classId }) => classId).toSorted()).toEqual([0, 1]);
});

test('opens a sample of the batch in the review of the batch', async () => {
  const session = await trained();
  const [iteration] = await ports.store.iterations.list(session.id);
  const [sample] = await ports.store.samples.queue(iteration?.id ?? 0);
  const image = await ports.store.images.get(sample?.imageId ?? 0);
  expect(await review(join(root, 'data', image?.relativePath ?? ''))).toEqual({ sampleId: sample?.id });
});

test('opens an image before the first training with its labels alone', async () => {
  const path = await makePaintedDataset(join(root, 'data'), { known: { spots: [red], label: `${rowOf(red)}\n` } });
  const { session } = await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, { name: 'Spots' });
  const { list } = await review(pathOf('known'));
  const { current } = await imageQueue(ports, session.id, list ?? { title: '', images: [], since: '' });
  expect(current?.labels).toHaveLength(1);
  expect(current?.sample.predictedBoxes).toEqual([]);
});

test('an image of no dataset says what to do', async () => {
  await trained();
  expect(await review(join(root, 'elsewhere.png'))).toEqual({});
  expect(editorState.seen).toContainEqual(
    expect.objectContaining({
      text: 'elsewhere.png is in the dataset of no session. If it is new, rescan the dataset.',
      offers: ['activeLearning.dataset.rescan', 'activeLearning.session.new'],
    }),
  );
});
