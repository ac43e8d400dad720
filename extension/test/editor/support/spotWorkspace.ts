import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleRow } from '../../../src/workflow/ports/store/samples.ts';
import { createSession } from '../../../src/workflow/session/sessions.ts';
import { runIteration } from '../../../src/workflow/iteration/runIteration.ts';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from '../../support/fakePorts.ts';

export const sureSpot: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 250 };
export const unsureSpot: PaintedObject = { column: 4, row: 2, classId: 1, brightness: 128 };

export interface SpotWorkspaceOptions {
  /** The workspace folder; it is made. */
  readonly folder: string;
  /** The session's name; without one there is a dataset and no session. */
  readonly session?: string;
  /** Unlabelled pictures by name; by default an unsure one, a sure one and an empty one. */
  readonly pool?: Readonly<Record<string, readonly PaintedObject[]>>;
  /** Whether the session's first iteration was run and waits for review. */
  readonly reviewing?: boolean;
  /** Changes the dataset before it is read. */
  readonly beforeScan?: (dataset: string) => Promise<void>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The Python of the workspace's own settings. A remote window ignores such a setting of the user. */
  readonly python?: string;
}

/** A workspace whose pictures the tiny model answers exactly, on a real database. */
export interface SpotWorkspace {
  readonly folder: string;
  readonly dataset: string;
  /** The label file's text of a picture; null when there is none. */
  labelOf(picture: string): string | null;
  /** The batch of the session's first iteration, as the database has it now. */
  samples(): Promise<readonly SampleRow[]>;
}

/** Makes a workspace with five labelled pictures and a pool; nothing of it is open afterwards. */
export async function makeSpotWorkspace(options: SpotWorkspaceOptions): Promise<SpotWorkspace> {
  const { folder, pool = { unsure: [unsureSpot], sure: [sureSpot], empty: [] } } = options;
  mkdirSync(folder, { recursive: true });
  const dataset = join(folder, 'data');
  const labelled = { spots: [sureSpot], label: `${rowOf(sureSpot)}\n` };
  const known = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, labelled]));
  const open = Object.fromEntries(Object.entries(pool).map(([name, spots]) => [name, { spots }]));
  const yaml = await makePaintedDataset(dataset, { ...known, ...open });
  await options.beforeScan?.(dataset);
  if (options.python !== undefined) {
    mkdirSync(join(folder, '.vscode'));
    const settings = { 'activeLearning.python.path': options.python };
    writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings));
  }
  if (options.session !== undefined) await makeSession(options, yaml, options.session, Object.keys(pool).length);
  return {
    folder,
    dataset,
    labelOf: (picture) => {
      const path = join(dataset, 'labels', 'train', `${picture}.txt`);
      return existsSync(path) ? readFileSync(path, 'utf8') : null;
    },
    samples: () => firstBatch(folder),
  };
}

async function firstBatch(folder: string): Promise<readonly SampleRow[]> {
  const { ports, workspace } = await openFakePorts(folder);
  const [session] = await ports.store.sessions.list();
  const [iteration] = await ports.store.iterations.list(session?.id ?? 0);
  const samples = await ports.store.samples.list(iteration?.id ?? 0);
  await workspace.close();
  return samples;
}

async function makeSession(options: SpotWorkspaceOptions, yaml: string, name: string, samples: number): Promise<void> {
  const { ports, workspace } = await openFakePorts(options.folder);
  const common = { name, baseModel: 'yolov8n.yaml', imageSize: 64, maxSamplesPerIteration: Math.max(1, samples) };
  const dataset = { kind: 'yaml', path: yaml, poolFolders: [] } as const;
  const { session } = await createSession(ports, dataset, { ...common, ...options.settings });
  if (options.reviewing === true) await runIteration(ports, session.id);
  await workspace.close();
}
