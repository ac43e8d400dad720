// Predictions of a million images in the session database, through the thread that the product uses, beside JSON columns
// and OFFSET paging; and their vectors in the file beside it. Options: --images <n> (default 1,000,000), --keep <folder>.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { createEmbeddingStore } from '../../extension/src/adapters/embeddings/embeddingStore.ts';
import { openStore } from '../../extension/src/adapters/store/openStore.ts';
import { newModel, settings, threadPath } from '../../extension/src/adapters/store/testing/fixtures.ts';
import type { PredictionRow, ScoredImage } from '../../extension/src/workflow/ports/store/predictions.ts';
import type { Store } from '../../extension/src/workflow/ports/store.ts';
import { openPeer } from './peer.ts';
import { classes, contentHashOf, metrics, predictionOf } from './rows.ts';

/** As many as a scoring writes at once. */
const chunk = 64;
const dimensions = 448;
/** A page in the middle of the ranking, as somebody meets who scrolls. */
const deep = (images: number): number => Math.min(50_000, Math.floor(images / 2));

async function timed<Result>(
  work: () => Promise<Result> | Result,
): Promise<{ readonly seconds: number; readonly result: Result }> {
  const start = performance.now();
  const result = await work();
  return { seconds: (performance.now() - start) / 1000, result };
}

/** Milliseconds. */
async function median(count: number, work: (turn: number) => unknown): Promise<number> {
  const all: number[] = [];
  for (let n = 0; n < count; n++) all.push((await timed(() => work(n))).seconds * 1000);
  return all.toSorted((a, b) => a - b)[Math.floor(count / 2)] ?? NaN;
}

/** Puts all predictions in chunks; only the waiting for the database counts. @returns rows per second. */
async function fill(images: number, put: (rows: readonly PredictionRow[]) => Promise<void> | void): Promise<number> {
  let seconds = 0;
  for (let first = 1; first <= images; first += chunk) {
    const rows = Array.from({ length: Math.min(chunk, images - first + 1) }, (_, i) => predictionOf(first + i));
    seconds += (await timed(() => put(rows))).seconds;
  }
  return images / seconds;
}

type Figures = Readonly<Record<string, number>>;

async function measureStore(folder: string, images: number): Promise<Figures> {
  const databasePath = join(folder, 'sessions.db');
  const store = await openStore({ databasePath, threadPath });
  const dataset = await store.datasets.create({ kind: 'yaml', path: '/data.yaml', poolFolders: [] }, ['a']);
  const root = await store.datasets.addRoot(dataset.id, '/data', 'dataset');
  const session = await store.sessions.create(dataset.id, settings);
  const iteration = await store.iterations.create(session.id, 1, 'scoring');
  const { id } = await store.models.create(newModel(session.id, iteration.id));
  addImages(databasePath, dataset.id, root.id, images);
  const before = sizeOf(databasePath);

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const insertsPerSecond = await fill(images, (rows) => store.predictions.put(id, rows));
  const unsorted = sizeOf(databasePath) - before;
  let longestStepMs = 0;
  const sorting = await timed(async () => {
    for (let left = 1; left > 0;) {
      const step = await timed(() => store.predictions.indexScores(id));
      ({ left } = step.result);
      longestStepMs = Math.max(longestStepMs, step.seconds * 1000);
    }
  });
  delay.disable();
  const at = await middleOf(store, id, images);
  const columns = await timed(async () => {
    for (let after = 0; ;) {
      const { imageIds } = await store.predictions.columns(id, after, 20_000);
      if (imageIds.length === 0) return;
      after = imageIds.at(-1) ?? after;
    }
  });
  const figures = {
    bytesPerImage: (sizeOf(databasePath) - before) / images,
    bytesPerImageUnsorted: unsorted / images,
    insertsPerSecond,
    sortSeconds: sorting.seconds,
    longestSortStepMs: longestStepMs,
    top100Ms: await median(metrics.length * 3, (n) => store.predictions.top(id, metricOf(n), 100)),
    byClassMs: await median(classes, (n) => store.predictions.byClass(id, n, 100)),
    deepRankingPageMs: await median(9, () => store.predictions.top(id, 'entropy', 100, at)),
    deepPageMs: await median(9, () => store.predictions.page(id, images - 200, 100)),
    columnsSeconds: columns.seconds,
    hostBlockedMs: Math.max(0, delay.max / 1e6 - 5),
  };
  await store.close();
  return figures;
}

/** Images as a scan would have added them, by one statement: they are not what is measured. */
function addImages(databasePath: string, datasetId: number, rootId: number, images: number): void {
  const writer = new Database(databasePath);
  writer.function('content_hash_of', contentHashOf);
  writer
    .prepare(
      `INSERT INTO images (dataset_id, root_id, relative_path, content_hash, split, state, size, mtime_ms)
       WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
       SELECT ?, ?, 'images/' || n || '.jpg', content_hash_of(n), 'train', 'unlabelled', 100000, 0 FROM numbers`,
    )
    .run(images, datasetId, rootId);
  writer.pragma('wal_checkpoint(TRUNCATE)');
  writer.close();
}

async function middleOf(store: Store, id: number, images: number): Promise<ScoredImage | undefined> {
  let after: ScoredImage | undefined;
  for (let seen = 0; seen < deep(images); seen += 10_000) {
    const page = await store.predictions.top(id, 'entropy', Math.min(10_000, deep(images) - seen), after);
    after = page.at(-1);
  }
  return after;
}

async function measurePeer(folder: string, images: number): Promise<Figures> {
  const path = join(folder, 'peer.db');
  const peer = openPeer(path);
  const insertsPerSecond = await fill(images, (rows) => peer.put(rows));
  const columns = await timed(() => {
    for (let offset = 0; peer.page(20_000, offset).length > 0; offset += 20_000);
  });
  const figures = {
    bytesPerImage: sizeOf(path) / images,
    insertsPerSecond,
    top100Ms: await median(3, (n) => peer.top(metricOf(n), 100)),
    byClassMs: await median(1, () => peer.byClass(3, 100)),
    deepRankingPageMs: await median(1, () => peer.top('entropy', 100, deep(images))),
    deepPageMs: await median(3, () => peer.page(100, images - 200)),
    columnsSeconds: columns.seconds,
  };
  peer.close();
  return figures;
}

async function measureEmbeddings(folder: string, images: number): Promise<Figures> {
  const store = createEmbeddingStore(folder);
  const space = { key: 'bench', dimensions };
  const vector = Float32Array.from({ length: dimensions }, (_, i) => Math.sin(i) * 2);
  let seconds = 0;
  for (let first = 1; first <= images; first += chunk) {
    const entries = Array.from({ length: Math.min(chunk, images - first + 1) }, (_, i) => ({
      imageId: first + i,
      contentHash: contentHashOf(first + i),
      vector,
    }));
    seconds += (await timed(() => store.put(space, entries))).seconds;
  }
  const ids = Array.from({ length: images }, (_, i) => i + 1);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  // Another process meets the file for the first time.
  const loaded = await timed(() => createEmbeddingStore(folder).load(space, ids));
  delay.disable();
  return {
    dimensions,
    bytesPerImage: statSync(join(folder, 'embeddings-bench.bin')).size / images,
    putsPerSecond: images / seconds,
    loadSeconds: loaded.seconds,
    hostBlockedMs: Math.max(0, delay.max / 1e6 - 5),
    peakGb: (process.resourceUsage().maxRSS * 1024) / 1e9,
  };
}

function sizeOf(path: string): number {
  const writer = new Database(path);
  writer.pragma('wal_checkpoint(TRUNCATE)');
  writer.close();
  return statSync(path).size;
}

const metricOf = (turn: number): string => metrics[turn % metrics.length] ?? '';

const rounded = (figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]));

interface StoreFigures {
  readonly images: number;
  readonly store: Figures;
  readonly jsonColumns: Figures;
  readonly embeddings: Figures;
}

export async function bench(args: string[]): Promise<StoreFigures> {
  const { values } = parseArgs({ args, options: { images: { type: 'string' }, keep: { type: 'string' } } });
  const images = Number(values.images ?? 1_000_000);
  const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'bench-store-'));
  mkdirSync(folder, { recursive: true });
  try {
    const figures = {
      images,
      store: rounded(await measureStore(folder, images)),
      jsonColumns: rounded(await measurePeer(folder, images)),
      embeddings: rounded(await measureEmbeddings(folder, images)),
    };
    print(figures);
    return figures;
  } finally {
    if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function print({ images, store, jsonColumns, embeddings }: StoreFigures): void {
  console.log(`Predictions of ${images} images; beside them JSON columns and OFFSET paging`);
  for (const [name, value] of Object.entries(store)) {
    console.log(`  ${name.padEnd(24)}${String(value).padStart(12)}${String(jsonColumns[name] ?? '').padStart(12)}`);
  }
  console.log('Vectors in the file beside it');
  for (const [name, value] of Object.entries(embeddings)) {
    console.log(`  ${name.padEnd(24)}${String(value).padStart(12)}`);
  }
}
