import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { DatasetSource } from '../../src/core/dataset/types.ts';
import type { Ports } from '../../src/workflow/ports/ports.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import type { ImageRow } from '../../src/workflow/ports/store/images.ts';
import type { SampleRow } from '../../src/workflow/ports/store/samples.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { makePaintedDataset, openFakePorts, rowOf, type FakeTraining, type PaintedObject } from './fakePorts.ts';

export const sure: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 250 };
export const unsure: PaintedObject = { column: 4, row: 2, classId: 1, brightness: 128 };
export const faint: PaintedObject = { column: 6, row: 6, classId: 2, brightness: 40 };
export const labelled = { spots: [sure], label: `${rowOf(sure)}\n` };

/** A workspace of its own for every test, in which a use case runs on a real database and real files. */
export interface UseCaseBench {
  /** The workspace folder. */
  readonly root: string;
  /** The folder for the dataset, below it. */
  readonly data: string;
  readonly ports: Ports;
  readonly training: FakeTraining;
}

let opened: (UseCaseBench & { close(): Promise<void> }) | undefined;

/** Opens a workspace before each test of the file that calls this, and closes it afterwards. @param name of its folder. */
export function useWorkspaces(name = 'use-cases-'): void {
  beforeEach(async () => {
    const root = await mkdtemp(join(tmpdir(), name));
    const { ports, training, workspace } = await openFakePorts(root);
    opened = { root, data: join(root, 'data'), ports, training, close: () => workspace.close() };
  });
  afterEach(async () => {
    const { root, close } = bench();
    await close();
    await rm(root, { recursive: true, force: true });
  });
}

/** The workspace of the test that runs. */
export function bench(): UseCaseBench & { close(): Promise<void> } {
  if (opened === undefined) throw new Error('The workspace is opened before each test.');
  return opened;
}

export const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, maxSamplesPerIteration: 3 };
export const source = (yaml: string): DatasetSource => ({ kind: 'yaml', path: yaml, poolFolders: [] });
export const labelPath = (name: string): string => join(bench().data, 'labels', 'train', `${name}.txt`);
export const imageName = (image: ImageRow): string => image.relativePath.replace(/.*\/|\.png$/g, '');

/** What a training and a selection left to review, in queue order. */
export interface Reviewing {
  readonly sessionId: number;
  readonly iterationId: number;
  readonly samples: SampleRow[];
  readonly names: string[];
}

/** A dataset of five labelled pictures and a pool, trained once. */
export async function reviewing(): Promise<Reviewing> {
  const { ports, data } = bench();
  const pool = { 'pool unsure': { spots: [unsure] }, 'pool sure': { spots: [sure] }, 'pool-empty': { spots: [] } };
  const known = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, labelled]));
  const yaml = await makePaintedDataset(data, { ...known, ...pool });
  const { session } = await createSession(ports, source(yaml), settings);
  const iteration = await runIteration(ports, session.id);
  const samples = await ports.store.samples.list(iteration.id);
  const names: string[] = [];
  for (const sample of samples) {
    const image = await ports.store.images.get(sample.imageId);
    names.push(image ? imageName(image) : '');
  }
  return { sessionId: session.id, iterationId: iteration.id, samples, names };
}
