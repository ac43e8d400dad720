import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from './fakePorts.ts';
import { Channel, type Envelope } from '../../src/protocol/channel.ts';
import type { MetricsFromHost, MetricsFromWebview, MetricsState } from '../../src/protocol/metrics.ts';
import type { ReviewFromHost, ReviewFromWebview, ReviewState } from '../../src/protocol/review.ts';
import type { Detection } from '../../src/core/detection/types.ts';
import type { Ports } from '../../src/workflow/ports/ports.ts';
import type { NewSample } from '../../src/workflow/ports/store/samples.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { english } from '../../src/host/text/localiser.ts';
import { describeError } from '../../src/host/panels/shell/messageChecks.ts';
import { checkMetricsMessage } from '../../src/host/panels/metrics/metricsMessages.ts';
import { checkReviewMessage } from '../../src/host/panels/review/reviewMessages.ts';
import { MetricsController } from '../../src/host/panels/metrics/metricsController.ts';
import { ReviewController } from '../../src/host/panels/review/reviewController.ts';
import type { ReviewPanelHost, ReviewTarget } from '../../src/host/panels/review/reviewHost.ts';

const sure: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 250 };
export const unsure: PaintedObject = { column: 4, row: 2, classId: 1, brightness: 128 };

/** A workspace with a session over painted images, on a real database and real files. */
export interface ReviewFixture {
  readonly root: string;
  readonly yaml: string;
  readonly ports: Ports;
  /** Of the session. */
  readonly name: string;
  readonly sessionId: number;
  labelPath(name: string): string;
  /** The label file's text; `null` when there is none. */
  labelText(name: string): Promise<string | null>;
  /** The same workspace as another window has it open: a process of its own as far as the database can tell. */
  secondWindow(): Promise<Ports>;
}

interface SharedWorkspace {
  readonly root: string;
  /** A painted dataset, copied for each fixture. */
  readonly template: string;
  readonly ports: Ports;
  second: Ports | null;
  readonly closing: (() => Promise<void>)[];
}

/** One workspace for a test file: opening one costs more than a test. Every fixture has a dataset and a session of its own. */
let opened: Promise<SharedWorkspace> | null = null;
let fixtureCount = 0;

/** Removes what the fixtures of the file that calls this have opened. */
export function useFixtures(): void {
  afterAll(async () => {
    const shared = await opened;
    opened = null;
    for (const close of shared?.closing ?? []) await close();
    if (shared) await rm(shared.root, { recursive: true, force: true });
  });
}

async function openSharedWorkspace(): Promise<SharedWorkspace> {
  const root = await mkdtemp(join(tmpdir(), 'panels-'));
  const template = join(root, 'template');
  const labelled = { spots: [sure], label: `${rowOf(sure)}\n` };
  const known = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, labelled]));
  const pool = { unsure: { spots: [unsure] }, sure: { spots: [sure] }, empty: { spots: [] } };
  await makePaintedDataset(template, { ...known, ...pool });
  const { ports, workspace } = await openFakePorts(root);
  return { root, template, ports, second: null, closing: [workspace.close] };
}

/** Five labelled images; in the pool one unsure image, one sure one, one empty one. */
export async function createReviewFixture(): Promise<ReviewFixture> {
  const shared = await (opened ??= openSharedWorkspace());
  const { root, template, ports } = shared;
  const name = `fixture ${++fixtureCount}`;
  const data = join(root, name);
  await cp(template, data, { recursive: true });
  const yaml = join(data, 'data.yaml');
  const settings = { name, baseModel: 'yolov8n.yaml', imageSize: 64, maxSamplesPerIteration: 3 };
  const { session } = await createSession(ports, { kind: 'yaml', path: yaml, poolFolders: [] }, settings);
  const labelPath = (image: string): string => join(data, 'labels', 'train', `${image}.txt`);
  return {
    root,
    yaml,
    ports,
    name,
    sessionId: session.id,
    labelPath,
    labelText: (image) => readFile(labelPath(image), 'utf8').catch(() => null),
    async secondWindow() {
      shared.second ??= await openSecond(shared);
      return shared.second;
    },
  };
}

async function openSecond({ root, closing }: SharedWorkspace): Promise<Ports> {
  const { ports, workspace } = await openFakePorts(root);
  closing.push(workspace.close);
  const { owner } = ports.system;
  return { ...ports, system: { ...ports.system, owner: { ...owner, nonce: 'another window' } } };
}

/** The same with one iteration that was really run and waits for review. */
export async function createTrainedFixture(): Promise<ReviewFixture> {
  const fixture = await createReviewFixture();
  await runIteration(fixture.ports, fixture.sessionId);
  return fixture;
}

/** The same, with a batch as an iteration leaves it, but quicker: nothing is trained or scored. */
export async function createBatchFixture(): Promise<ReviewFixture> {
  const fixture = await createReviewFixture();
  const { store } = fixture.ports;
  const session = await store.sessions.get(fixture.sessionId);
  const images = await store.images.find({ datasetId: session?.datasetId ?? 0, states: ['unlabelled'] });
  const iteration = await store.iterations.create(fixture.sessionId, 1, 'reviewing');
  await store.sessions.update(fixture.sessionId, { status: 'active', currentIteration: 1 });
  const batch = ['unsure', 'sure', 'empty'].flatMap((name) =>
    images.filter(({ relativePath }) => relativePath.endsWith(`/${name}.png`)),
  );
  await store.samples.replaceBatch(
    iteration.id,
    batch.map((image, rank): NewSample => {
      const spot = [unsure, sure][rank];
      const confidence = spot === undefined ? null : spot.brightness / 255;
      return {
        imageId: image.id,
        rank,
        uncertaintyScore: confidence === null ? 1 : 1 - confidence,
        confidenceVariance: null,
        entropyScore: null,
        combinedScore: 0.5,
        scores: { combined: 0.5 },
        predictedBoxes: spot === undefined || confidence === null ? [] : [detectionOf(spot, confidence)],
        maxConfidence: confidence,
        minConfidence: confidence,
        reasons: ['among the most uncertain'],
      };
    }),
  );
  return fixture;
}

function detectionOf({ column, row, classId }: PaintedObject, confidence: number): Detection {
  return { classId, confidence, box: { x1: column * 8, y1: row * 8, x2: column * 8 + 8, y2: row * 8 + 8 } };
}

/** A page that speaks with a controller over the real transport; messages are copied as VS Code does. */
export interface ReviewPage {
  readonly page: Channel<ReviewFromHost, ReviewFromWebview>;
  readonly controller: ReviewController;
  /** States that the host sent without being asked. */
  readonly pushed: ReviewState[];
  /** What the host was asked to do, in order. */
  readonly asked: string[];
  /** Sends anything, as a hostile page could, and gives the replies. */
  raw(message: unknown): Promise<unknown[]>;
}

export function openReview(
  fixture: Pick<ReviewFixture, 'ports' | 'sessionId'>,
  change: Partial<ReviewPanelHost> = {},
  subject: Partial<ReviewTarget> = {},
): ReviewPage {
  const pushed: ReviewState[] = [];
  const asked: string[] = [];
  const replies: unknown[] = [];
  const controller = new ReviewController(
    {
      ports: () => fixture.ports,
      previews: { pathFor: async ({ path }) => path, pathIfReady: async ({ path }) => path },
      l10n: english,
      strings: () => ({ Accept: 'Annehmen' }),
      imageUrl: (path) => `shown:${path}`,
      lockReason: () => null,
      confirm: async (question) => {
        asked.push(question);
        return true;
      },
      trainNext: () => asked.push('train'),
      showMetrics: () => asked.push('metrics'),
      changeKeys: async () => void asked.push('keys'),
      databaseChanged: () => asked.push('changed'),
      verdictGiven: () => asked.push('judged'),
      place: { get: () => null, set: () => {} },
      push: (state) => pushed.push(copy(state)),
      ...change,
    },
    { sessionId: fixture.sessionId, iterationId: null, ...subject },
  );
  const host: Channel<ReviewFromWebview, ReviewFromHost> = new Channel({
    post: (envelope) => {
      replies.push(copy(envelope));
      page.receive(copy(envelope));
    },
    handlers: controller.handlers,
    check: checkReviewMessage,
    describeError,
  });
  const page: Channel<ReviewFromHost, ReviewFromWebview> = new Channel({
    post: (envelope) => host.receive(copy(envelope)),
    handlers: { events: { 'review/state': () => {}, 'review/action': () => {} }, requests: {} },
    check: (_type, payload) => payload,
    describeError,
  });
  return {
    page,
    controller,
    pushed,
    asked,
    async raw(message) {
      replies.length = 0;
      host.receive(message);
      // In turn with whatever the message began.
      await page.request('review/ready', null);
      return replies.slice(0, -1);
    },
  };
}

export interface MetricsPage {
  readonly page: Channel<MetricsFromHost, MetricsFromWebview>;
  readonly controller: MetricsController;
  readonly pushed: MetricsState[];
  readonly asked: string[];
}

export function openMetrics(fixture: ReviewFixture): MetricsPage {
  const pushed: MetricsState[] = [];
  const asked: string[] = [];
  const controller = new MetricsController(
    {
      ports: () => fixture.ports,
      strings: () => ({ Precision: 'Genauigkeit' }),
      exportModel: () => asked.push('export'),
      push: (state) => pushed.push(copy(state)),
    },
    fixture.sessionId,
  );
  const host: Channel<MetricsFromWebview, MetricsFromHost> = new Channel({
    post: (envelope: Envelope) => page.receive(copy(envelope)),
    handlers: controller.handlers,
    check: checkMetricsMessage,
    describeError,
  });
  const page: Channel<MetricsFromHost, MetricsFromWebview> = new Channel({
    post: (envelope: Envelope) => host.receive(copy(envelope)),
    handlers: { events: { 'metrics/state': () => {} }, requests: {} },
    check: (_type: string, payload: unknown) => payload,
    describeError,
  });
  return { page, controller, pushed, asked };
}

/** As VS Code carries messages: JSON. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
