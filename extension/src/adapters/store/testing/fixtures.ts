import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultSettings } from '../../../core/session/settings.ts';
import type { SessionSettings } from '../../../core/session/types.ts';
import type { Lease } from '../../../workflow/ports/store/leases.ts';
import { encodeLabelText } from '../../../core/dataset/labelText.ts';
import type { NewImage } from '../../../workflow/ports/store/images.ts';
import type { NewLabelEvent } from '../../../workflow/ports/store/labelEvents.ts';
import type { NewModelVersion } from '../../../workflow/ports/store/models.ts';
import type { NewSample } from '../../../workflow/ports/store/samples.ts';
import type { DatabaseOptions } from '../database/openDatabase.ts';
import type { Migration } from '../migrations/migration.ts';
import { openStoreCore } from '../storeCore.ts';
import type { StoreCore } from '../storeCore.ts';

/** The source of the store's thread; Node runs TypeScript directly. */
export const threadPath = path.join(import.meta.dirname, '..', 'thread.ts');

export const settings: SessionSettings = {
  ...defaultSettings,
  name: 'Parts',
  description: 'scratches',
  imageSize: 320,
  strategy: 'uncertainty',
  seed: 7,
  typed: ['epochs'],
};

export function lease(nonce: string, pid = 100): Lease {
  return { pid, startTime: '12345', nonce };
}

/** Advances by a second on every reading. */
export class TestClock {
  #time = Date.UTC(2026, 0, 1);

  now(): string {
    this.#time += 1000;
    return new Date(this.#time).toISOString();
  }
}

/** Folders and stores of one test file; `clean` closes and removes them. */
export class Workbench {
  readonly #folders: string[] = [];
  readonly #stores: StoreCore[] = [];

  folder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'store-'));
    this.#folders.push(folder);
    return folder;
  }

  databasePath(): string {
    return path.join(this.folder(), 'sessions.db');
  }

  open(
    databasePath: string = this.databasePath(),
    options: Partial<DatabaseOptions> = {},
    migrations?: readonly Migration[],
  ): StoreCore {
    const store = openStoreCore({ databasePath, busyTimeoutMs: 200, ...options }, new TestClock(), migrations);
    this.#stores.push(store);
    return store;
  }

  clean(): void {
    for (const store of this.#stores.splice(0)) store.close();
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}

export function newImage(rootId: number, relativePath: string, changes: Partial<NewImage> = {}): NewImage {
  return {
    rootId,
    relativePath,
    contentHash: `content of ${relativePath}`,
    labelHash: null,
    width: 640,
    height: 480,
    split: 'train',
    state: 'unlabelled',
    captureGroup: null,
    size: 1234,
    mtimeMs: 1_700_000_000_000.25,
    problem: null,
    perceptualHash: null,
    ...changes,
  };
}

export function newSample(imageId: number, rank: number, changes: Partial<NewSample> = {}): NewSample {
  return {
    imageId,
    rank,
    uncertaintyScore: 0.5,
    confidenceVariance: 0.1,
    entropyScore: 0.9,
    combinedScore: 0.5,
    scores: { margin: 0.25 },
    predictedBoxes: [
      {
        classId: 1,
        confidence: 0.5,
        box: { x1: 1.5, y1: 2, x2: 30.125, y2: 40 },
        classScores: { classIds: [0, 1], scores: [0.07, 0.5] },
      },
      { classId: 0, confidence: 0.1, box: { x1: 0, y1: 0, x2: 5, y2: 5 } },
    ],
    maxConfidence: 0.5,
    minConfidence: 0.1,
    reasons: ['among the most uncertain'],
    ...changes,
  };
}

export function newModel(sessionId: number, iterationId: number): NewModelVersion {
  return {
    sessionId,
    iterationId,
    modelPath: 'models/1.onnx',
    weightsPath: 'models/1.pt',
    performanceMetrics: { map50: 0.5, perClass: [{ name: 'scratch', ap: 0.4 }] },
    modelSizeMb: 6.25,
    labelSnapshot: 'abc',
    lineage: { seed: 7, packages: { torch: '2.13.0' } },
  };
}

export function newEvent(imageId: number, changes: Partial<NewLabelEvent> = {}): NewLabelEvent {
  return {
    imageId,
    sampleId: null,
    cause: 'verdict',
    before: null,
    after: encodeLabelText('0 0.5 0.5 0.1 0.1\n'),
    verdictBefore: null,
    verdictAfter: 'accepted',
    stateBefore: 'unlabelled',
    stateAfter: 'labelled',
    owner: lease('one'),
    undoes: null,
    ...changes,
  };
}

export interface Project {
  readonly datasetId: number;
  readonly rootId: number;
  readonly imageIds: readonly number[];
  readonly sessionId: number;
  readonly iterationId: number;
  readonly sampleIds: readonly number[];
}

/** An element that must exist. */
export function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`nothing at ${index} of ${items.length}`);
  return item;
}

/** A dataset with images, a session with iteration 0, and a batch of the first images. */
export function createProject(store: StoreCore, images = 6, samples = 3): Project {
  const dataset = store.datasets.create({ kind: 'yaml', path: '/data/data.yaml', poolFolders: [] }, [
    'scratch',
    'dent',
  ]);
  const root = store.datasets.addRoot(dataset.id, '/data', 'dataset');
  const imageIds = store.images.insert(
    dataset.id,
    Array.from({ length: images }, (_, index) => newImage(root.id, `images/${index}.jpg`)),
  );
  const session = store.sessions.create(dataset.id, settings);
  const iteration = store.iterations.create(session.id, 0, 'selecting');
  store.samples.replaceBatch(
    iteration.id,
    imageIds.slice(0, samples).map((imageId, index) => newSample(imageId, index + 1)),
  );
  return {
    datasetId: dataset.id,
    rootId: root.id,
    imageIds,
    sessionId: session.id,
    iterationId: iteration.id,
    sampleIds: store.samples.list(iteration.id).map(({ id }) => id),
  };
}

/** The error that `work` throws. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
