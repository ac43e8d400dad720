import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports } from '../../src/workflow/ports/ports.ts';
import type { ImageRow } from '../../src/workflow/ports/store/images.ts';
import type { NewSample } from '../../src/workflow/ports/store/samples.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { encodeLabelText } from '../../src/core/dataset/labelText.ts';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from './fakePorts.ts';

const spot: PaintedObject = { column: 2, row: 2, classId: 0, brightness: 200 };
/** No process has this number. */
const gone = { pid: 2 ** 22 + 5, startTime: '1', nonce: 'of a dead window' };

/** A workspace whose session waits for review, made without a training. */
export interface ReviewWorkspace {
  readonly folder: string;
  /** Of the session. */
  readonly name: string;
  readonly sessionId: number;
  readonly iterationId: number;
  /** The first of the batch. */
  readonly sampleId: number;
  readonly imageId: number;
  /** What lies in `.active-learning`. */
  readonly files: readonly string[];
  /** The label text of the half verdict. */
  readonly halfVerdict: string;
  /** The label file of the first sample; null when there is none. */
  labelText(): string | null;
}

export interface ReviewWorkspaceOptions {
  /** Journals a verdict for the first sample that a dead window never wrote. */
  readonly halfVerdict?: boolean;
  /** Images that wait for review. */
  readonly samples?: number;
}

/** Makes it in a folder; nothing of it is open afterwards. */
export async function makeReviewWorkspace(
  folder: string,
  { halfVerdict = false, samples = 2 }: ReviewWorkspaceOptions = {},
): Promise<ReviewWorkspace> {
  const row = `${rowOf(spot)}\n`;
  const names = Array.from({ length: samples }, (_, index) => `pool-${index}`);
  const pool = names.map((name) => [name, { spots: [spot] }] as const);
  const labelled = { spots: [spot], label: row };
  const path = await makePaintedDataset(folder, { a: labelled, b: labelled, ...Object.fromEntries(pool) });
  const { ports, workspace } = await openFakePorts(folder);
  const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64 };
  const { session } = await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, settings);
  const iteration = await ports.store.iterations.create(session.id, 1, 'reviewing');
  await ports.store.sessions.update(session.id, { status: 'active', currentIteration: 1 });
  const images = await ports.store.images.find({ datasetId: session.datasetId, states: ['unlabelled'] });
  await ports.store.samples.replaceBatch(iteration.id, images.map(sampleOf));
  const [first] = await ports.store.samples.list(iteration.id);
  const image = images.find(({ id }) => id === first?.imageId);
  if (first === undefined || image === undefined) throw new Error('The dataset has no unlabelled image.');
  if (halfVerdict) await beginVerdict(ports, first.id, image.id, row);
  await workspace.close();
  const label = join(folder, image.relativePath.replace('images/', 'labels/').replace('.png', '.txt'));
  return {
    folder,
    name: session.name,
    sessionId: session.id,
    iterationId: iteration.id,
    sampleId: first.id,
    imageId: image.id,
    files: readdirSync(join(folder, '.active-learning')).toSorted(),
    halfVerdict: row,
    labelText: () => (existsSync(label) ? readFileSync(label, 'utf8') : null),
  };
}

async function beginVerdict(ports: Ports, sampleId: number, imageId: number, after: string): Promise<void> {
  await ports.store.labelEvents.begin({
    imageId,
    sampleId,
    cause: 'verdict',
    before: null,
    after: encodeLabelText(after),
    verdictBefore: null,
    verdictAfter: 'accepted',
    stateBefore: 'unlabelled',
    stateAfter: 'labelled',
    owner: gone,
    undoes: null,
  });
}

function sampleOf({ id }: ImageRow, rank: number): NewSample {
  const box = { x1: 16, y1: 16, x2: 24, y2: 24 };
  return {
    imageId: id,
    rank,
    uncertaintyScore: 0.2,
    confidenceVariance: 0,
    entropyScore: 0.5,
    combinedScore: 0.3,
    scores: { combined: 0.3 },
    predictedBoxes: [{ classId: 0, confidence: 0.8, box }],
    maxConfidence: 0.8,
    minConfidence: 0.8,
    reasons: ['one box near the threshold'],
  };
}
