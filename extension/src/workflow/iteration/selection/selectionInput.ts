import { boxesOf, parseLabelFile } from '../../../core/dataset/labelFile.ts';
import { seedFrom } from '../../../core/random.ts';
import { CandidateTableBuilder, scoreColumn, type CandidateTable } from '../../../core/selection/candidates.ts';
import type { LabelledSet } from '../../../core/selection/embeddings.ts';
import { zeroDetectionShare } from '../../../core/selection/quota.ts';
import type { Strategy } from '../../../core/selection/strategy.ts';
import { DEFAULT_RANDOM_SHARE } from '../../../core/selection/composeBatch.ts';
import { normaliseWeights } from '../../../core/uncertainty/combined.ts';
import type { NearDuplicates } from '../../similarity/duplicates.ts';
import type { Ports, RunOptions } from '../../ports/ports.ts';
import { requireRow, throwIfCancelled } from '../../shared/errors.ts';
import { eachPageOfIds, ImageLocator } from '../../dataset/images.ts';
import { mapLimit } from '../../../core/concurrency.ts';
import { prefetchPages } from '../../shared/prefetchPages.ts';
import type { SelectionRequest } from '../../ports/selector.ts';
import type { IterationRow } from '../../ports/store/iterations.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { PredictionColumns } from '../../ports/store/predictions.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { readLabel } from '../../dataset/readLabel.ts';
import { allOrAbort } from '../../shared/allOrAbort.ts';
import { isCold, strategyOf, type ImageComparison } from './compareImages.ts';
import { poolFilter } from '../../dataset/pool.ts';

/** Predictions read per call: a few milliseconds of the event loop. */
const page = 2000;
/** Label files read per call. */
const readers = 16;
/** If no image has the ranking score, the first of these that the pool has replaces it. */
const standIns = ['decision-entropy', 'combined', 'entropy'];

/** The request for a batch, and notes for the user about it. */
export interface SelectionInput {
  readonly request: SelectionRequest;
  readonly notes: readonly string[];
}

/** The parts of a session that do not depend on strategy and weights: read once, used for several requests. */
export interface SelectionFacts {
  readonly pool: CandidateTable;
  readonly labelled: LabelledSet;
  readonly heldOut: readonly number[];
  readonly classNames: readonly string[];
  readonly zeroDetectionShare: number;
  /** Null before the first model. */
  readonly version: ModelVersionRow | null;
}

/**
 * Reads the pool with its scores, the labelled set and the held-out images. Images that wait for review in another
 * session are not candidates; those of this iteration without a verdict are.
 */
export async function selectionFacts(
  ports: Pick<Ports, 'labels' | 'store'>,
  session: SessionRow,
  iteration: IterationRow,
  version: ModelVersionRow | null,
  options: RunOptions = {},
): Promise<SelectionFacts> {
  const { classNames } = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  // Labels come from files, the pool from the database.
  const [pool, labelled] = await allOrAbort(
    options,
    async (part) => {
      const eligible = await eligibleImages(ports, session, iteration);
      return version === null ? bareTable(eligible) : scoredTable(ports, version, eligible, part);
    },
    (part) => labelledSet(ports, session, classNames.length, part),
  );
  const heldOut: number[] = [];
  await eachPageOfIds(ports, { datasetId: session.datasetId, splits: ['val', 'test'] }, (ids) => {
    for (const id of ids) heldOut.push(id);
  });
  return {
    pool,
    heldOut,
    classNames,
    version,
    labelled,
    zeroDetectionShare: await shareWithoutDetections(ports, session),
  };
}

/**
 * The request for the session's batch in an iteration. Before the first model it uses typicality with a random slice
 * (docs/architecture.md, Scores and selection), unless the session draws at random anyway.
 * @param comparison of this session and version (`compareImages`).
 * @throws SelectionError `unknown-strategy`.
 */
export function selectionInput(
  session: SessionRow,
  iteration: IterationRow,
  facts: SelectionFacts,
  { vectors, alike }: ImageComparison,
): SelectionInput {
  const strategy = strategyOf(session, facts.version);
  const pool = withCombined(facts.pool, session);
  const ranking = rankingScore(pool, strategy, session);
  const request: SelectionRequest = {
    strategy: strategy.id,
    pool,
    seed: seedFrom('select', session.seed, iteration.iterationNumber),
    context: {
      batchSize: session.maxSamplesPerIteration,
      minUncertainty: session.minUncertainty,
      scoreName: ranking.scoreName,
      zeroDetections: session.zeroDetections,
      zeroDetectionShare: facts.zeroDetectionShare,
      labelled: facts.labelled,
      heldOut: facts.heldOut,
      classNames: facts.classNames,
      nearDuplicates: alike.groups,
      ...(isCold(session, facts.version) ? { randomShare: DEFAULT_RANDOM_SHARE } : {}),
      ...(vectors === null ? {} : { embeddings: vectors }),
    },
  };
  return { request, notes: [...ranking.notes, ...leakNotes(alike)] };
}

/**
 * Images to leave out of the batch, and images that inflate the metrics, because they are near duplicates of a held-out
 * image.
 */
function leakNotes({ poolLeaks, trainingLeaks }: NearDuplicates): readonly string[] {
  const notes: string[] = [];
  const shows = 'what a validation or test image shows';
  if (poolLeaks > 0) {
    const images = poolLeaks === 1 ? '1 image of the pool shows' : `${poolLeaks} images of the pool show`;
    notes.push(`${images} ${shows}: left out while there are others.`);
  }
  if (trainingLeaks.length > 0) {
    const { length } = trainingLeaks;
    const images = length === 1 ? '1 labelled training image shows' : `${length} labelled training images show`;
    notes.push(`${images} ${shows}, which makes the metrics too high. Find Duplicates lists them.`);
  }
  return notes;
}

/** `uncertainty` uses the combined score, which users know; other strategies use the session's ranking score. */
function rankingScore(
  pool: CandidateTable,
  strategy: Strategy,
  session: SessionRow,
): { scoreName: string; notes: readonly string[] } {
  const wanted = strategy.id === 'uncertainty' ? 'combined' : session.rankingMetric;
  const isThere = (name: string): boolean => scoreColumn(pool, name).some((score) => !Number.isNaN(score));
  if (!strategy.needsScores || isThere(wanted)) return { scoreName: wanted, notes: [] };
  const instead = standIns.find(isThere);
  if (instead === undefined) return { scoreName: wanted, notes: [] };
  return { scoreName: instead, notes: [`No image has the score ${wanted}; ${instead} ranks instead.`] };
}

/** `combined` with the session's current weights, from its stored parts: it is linear in them. */
function withCombined(pool: CandidateTable, session: SessionRow): CandidateTable {
  const { confidence, entropy, variance, combined } = pool.scores;
  if (!confidence || !entropy || !variance || !combined) return pool;
  const weights = normaliseWeights(session.uncertaintyWeights);
  const column = new Float64Array(new SharedArrayBuffer(combined.byteLength));
  for (let i = 0; i < pool.size; i++) {
    const sum =
      weights.confidence * (confidence[i] ?? 0) +
      weights.entropy * (entropy[i] ?? 0) +
      weights.variance * (variance[i] ?? 0);
    column[i] = Math.min(1, sum);
  }
  return { ...pool, scores: { ...pool.scores, combined: column } };
}

/** Ascending ids of the images that may be selected. */
async function eligibleImages(
  ports: Pick<Ports, 'store'>,
  session: SessionRow,
  iteration: IterationRow,
): Promise<number[]> {
  const open = new Set(await ports.store.samples.openImageIds(session.datasetId));
  for (const { imageId } of await ports.store.samples.list(iteration.id)) open.delete(imageId);
  const eligible: number[] = [];
  await eachPageOfIds(ports, poolFilter(session.datasetId), (ids) => {
    for (const id of ids) if (!open.has(id)) eligible.push(id);
  });
  return eligible;
}

function bareTable(eligible: readonly number[]): CandidateTable {
  const builder = new CandidateTableBuilder(eligible.length);
  for (const imageId of eligible) builder.add({ imageId, scores: {}, hasDetections: false, bestScore: 0 });
  return builder.build();
}

/** @param eligible ascending like the predictions, so that one pass finds all. */
async function scoredTable(
  ports: Pick<Ports, 'store'>,
  version: ModelVersionRow,
  eligible: readonly number[],
  options: RunOptions,
): Promise<CandidateTable> {
  const builder = new CandidateTableBuilder(eligible.length);
  const read = (after: number): Promise<PredictionColumns> => ports.store.predictions.columns(version.id, after, page);
  let next = 0;
  for await (const columns of prefetchPages(read, ({ imageIds }) => imageIds, page)) {
    throwIfCancelled(options.signal);
    for (const [row, id] of columns.imageIds.entries()) {
      while ((eligible[next] ?? Infinity) < id) next++;
      if (columns.failed[row] === 0 && eligible[next] === id) builder.addRow(columns, row);
    }
  }
  return builder.build();
}

async function labelledSet(
  ports: Pick<Ports, 'labels' | 'store'>,
  session: SessionRow,
  classCount: number,
  options: RunOptions,
): Promise<LabelledSet> {
  const { datasetId } = session;
  const images = await ports.store.images.find({ datasetId, states: ['labelled'], splits: ['train', 'pool'] });
  const locator = await ImageLocator.of(ports, datasetId);
  const boxesByClass = Array.from({ length: classCount }, () => 0);
  await mapLimit(images, readers, async (image) => {
    throwIfCancelled(options.signal);
    const { label } = await readLabel(ports.labels, locator.locate(image));
    if (label === null) return;
    for (const { classId } of boxesOf(parseLabelFile(label.text, { classCount }))) {
      boxesByClass[classId] = (boxesByClass[classId] ?? 0) + 1;
    }
  });
  return { imageIds: images.map(({ id }) => id), boxesByClass };
}

/** How many images without detections turned out to contain objects, over all iterations of the session. */
async function shareWithoutDetections(ports: Pick<Ports, 'store'>, session: SessionRow): Promise<number> {
  let reviewed = 0;
  let withObjects = 0;
  for (const iteration of await ports.store.iterations.list(session.id)) {
    // The first batch was selected without a model, so it says nothing about detections.
    if (iteration.iterationNumber === 0) continue;
    for (const { predictedBoxes, verdict } of await ports.store.samples.list(iteration.id)) {
      if (predictedBoxes.length > 0) continue;
      if (verdict === 'corrected') withObjects++;
      if (verdict === 'corrected' || verdict === 'accepted' || verdict === 'rejected-background') reviewed++;
    }
  }
  return zeroDetectionShare(reviewed, withObjects);
}
