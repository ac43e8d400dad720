import { reportProgress, type Ports, type RunOptions } from '../../ports/ports.ts';
import { ImageLocator } from '../../dataset/images.ts';
import { poolSize } from '../../dataset/pool.ts';
import type { EmbeddingEntry, EmbeddingSpace } from '../../ports/embeddings.ts';
import type { InferenceImage, InferenceOptions, InferenceResult, ModelFiles } from '../../ports/inference.ts';
import type { ImageRow } from '../../ports/store/images.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { spaceOfVersion } from '../../similarity/embedImages.ts';
import { PoolTriage } from './poolTriage.ts';
import { ProviderReporter } from '../../models/providerReporter.ts';
import { removeFailedScores, rescoreStale } from './rescorePool.ts';
import { RowScorer, type UnscoredPrediction } from './rowScorer.ts';
import { inferenceKeys, inferenceOptionsOf, scoreOptionsOf } from './scoringPlan.ts';
import { storeProvider } from '../../models/scoringProvider.ts';
import { ZeroScoreDetector } from './zeroScoreDetector.ts';
import { tidyPredictions } from './tidyPredictions.ts';

const writeChunk = 64;

export interface ScoringCounts {
  /** Images that the model ran on. */
  readonly scored: number;
  /** Images whose scores were computed again from stored detections. */
  readonly rescored: number;
  readonly alreadyScored: number;
  readonly failed: number;
  /** What ran the model, in words; null if it ran on no image, or the inference does not report it. */
  readonly provider: string | null;
}

/**
 * Predicts and scores every image of the pool with a model. Predictions of this version for the same image content and
 * settings are kept, so that an interrupted scoring continues. If only weights, aggregation, threshold or plug-ins
 * changed, the scores are computed again from the stored detections.
 * @param model the version's own files, or those of its fast copy.
 * @throws WorkflowError `model-silent` if all scores of the model are 0; errors of inference and database.
 */
export async function scorePool(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  model: ModelFiles,
  options: RunOptions,
): Promise<ScoringCounts> {
  const { head, names } = model.info;
  const scoreOptions = scoreOptionsOf(session, version);
  const scorer = await RowScorer.open(ports, { scoreOptions, head, classNames: names }, options);
  try {
    const counts = await new PoolScoring(ports, session, version, model, scorer, options).run();
    if (counts.scored > 0)
      reportProgress(options, 'score', `Scored ${counts.scored} images${onProvider(counts.provider)}`);
    return counts;
  } finally {
    await scorer.close();
  }
}

class PoolScoring {
  readonly #ports: Ports;
  readonly #session: SessionRow;
  readonly #version: ModelVersionRow;
  readonly #model: ModelFiles;
  readonly #scorer: RowScorer;
  readonly #options: RunOptions;
  readonly #zeroScores = new ZeroScoreDetector();
  #total = 0;
  #scored = 0;
  #rescored = 0;
  #failed = 0;
  readonly #news: ProviderReporter;

  constructor(
    ports: Ports,
    session: SessionRow,
    version: ModelVersionRow,
    model: ModelFiles,
    scorer: RowScorer,
    options: RunOptions,
  ) {
    this.#ports = ports;
    this.#session = session;
    this.#version = version;
    this.#model = model;
    this.#scorer = scorer;
    this.#options = options;
    this.#news = new ProviderReporter(options, 'score', 'Scoring images');
  }

  async run(): Promise<ScoringCounts> {
    const inferenceOptions = inferenceOptionsOf(this.#ports, this.#session, this.#model);
    const { key, enough } = await inferenceKeys(this.#ports, this.#model, inferenceOptions);
    const triage = new PoolTriage(this.#ports, this.#session, this.#version.id, {
      isPredicted: ({ inferenceKey }) => enough.has(inferenceKey),
      // An unreadable image has no scores that could be outdated.
      isScored: ({ failed, scoringKey }) => failed || this.#scorer.isCurrent(scoringKey),
      onKept: ({ failed, bestScore }) => {
        if (!failed) this.#zeroScores.see(bestScore);
      },
    });
    this.#total = await poolSize(this.#ports, this.#session.datasetId);
    await this.#predict(triage, inferenceOptions, key);
    await this.#rescore(triage);
    await removeFailedScores(this.#ports, this.#version.id, this.#scorer, this.#options);
    this.#zeroScores.end();
    await tidyPredictions(this.#ports, this.#session, this.#version, this.#options);
    this.#tellProgress(triage);
    const [scored, rescored, failed] = [this.#scored, this.#rescored, this.#failed];
    const provider = scored > 0 ? this.#news.name : null;
    if (provider !== null) await storeProvider(this.#ports, this.#version.id, provider);
    return { scored, rescored, alreadyScored: triage.fresh, failed, provider };
  }

  async #predict(triage: PoolTriage, inferenceOptions: InferenceOptions, inferenceKey: number): Promise<void> {
    const { inference } = this.#ports;
    // If the session's vectors are those of this version, the same pass computes them. A fast model must not: its
    // vectors differ from those of the labelled images, which the full model computes.
    const own = this.#model.onnxPath === this.#version.modelPath;
    const space = own ? await spaceOfVersion(this.#ports, this.#session, this.#version) : null;
    const writer = new ChunkWriter((batch, vectors) => this.#write(batch, vectors, space, inferenceKey, triage));
    const wanted = this.#located(triage);
    try {
      for await (const result of inference.predict(
        this.#model,
        wanted,
        { ...inferenceOptions, embedding: space !== null },
        this.#options.signal,
        (provider) => this.#news.report(provider),
      )) {
        const image = triage.take(result.imageId);
        if (image === null) continue;
        this.#count(result);
        await writer.add(unscored(image, result), vectorOf(image, result));
        if (result.ok) this.#zeroScores.see(result.bestScore);
      }
    } finally {
      // Results are kept even if the user cancels the scoring.
      await writer.end();
    }
  }

  async *#located(triage: PoolTriage): AsyncGenerator<InferenceImage> {
    const locator = await ImageLocator.of(this.#ports, this.#session.datasetId);
    for await (const image of triage.toPredict()) yield { imageId: image.id, absolutePath: locator.path(image) };
  }

  #count(result: InferenceResult): void {
    this.#scored++;
    if (result.ok) return;
    this.#failed++;
    reportProgress(this.#options, 'score', result.message);
  }

  async #write(
    batch: readonly UnscoredPrediction[],
    vectors: readonly EmbeddingEntry[],
    space: EmbeddingSpace | null,
    inferenceKey: number,
    triage: PoolTriage,
  ): Promise<void> {
    const scored = await this.#scorer.score(batch);
    const rows = batch.flatMap(({ row }, i) => (scored[i] ? [{ ...row, ...scored[i], inferenceKey }] : []));
    await this.#ports.store.predictions.put(this.#version.id, rows);
    if (space !== null && vectors.length > 0) await this.#ports.embeddings.put(space, vectors);
    this.#tellProgress(triage);
  }

  async #rescore(triage: PoolTriage): Promise<void> {
    await rescoreStale(this.#ports, this.#version.id, triage, this.#scorer, this.#options, (count) => {
      this.#rescored += count;
      this.#tellProgress(triage);
    });
  }

  #tellProgress(triage: PoolTriage): void {
    const done = triage.fresh + this.#scored + this.#rescored;
    const what = `Scored ${done} of ${this.#total} images${onProvider(this.#news.name)}`;
    reportProgress(this.#options, 'score', what, done / Math.max(1, this.#total));
  }
}

function onProvider(name: string | null): string {
  return name === null ? '' : ` on ${name}`;
}

function unscored(image: ImageRow, result: InferenceResult): UnscoredPrediction {
  const base = { imageId: image.id, contentHash: image.contentHash ?? '' };
  if (!result.ok) return { image, row: { ...base, detections: [], bestScore: 0, error: result.message } };
  const { detections, bestScore, flipped } = result;
  return { image, row: { ...base, detections, ...(flipped === undefined ? {} : { flipped }), bestScore, error: null } };
}

function vectorOf(image: ImageRow, result: InferenceResult): EmbeddingEntry | null {
  if (!result.ok || result.embedding === undefined) return null;
  return { imageId: image.id, contentHash: image.contentHash ?? '', vector: result.embedding };
}

/** Writes results in chunks, one after another, while the next ones arrive. */
class ChunkWriter {
  readonly #write: (batch: readonly UnscoredPrediction[], vectors: readonly EmbeddingEntry[]) => Promise<void>;
  #batch: UnscoredPrediction[] = [];
  #vectors: EmbeddingEntry[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(write: (batch: readonly UnscoredPrediction[], vectors: readonly EmbeddingEntry[]) => Promise<void>) {
    this.#write = write;
  }

  /** Waits only while the previous chunk is being written. @throws errors of writing. */
  async add(row: UnscoredPrediction, vector: EmbeddingEntry | null): Promise<void> {
    this.#batch.push(row);
    if (vector !== null) this.#vectors.push(vector);
    if (this.#batch.length >= writeChunk) await this.#flush();
  }

  /** Writes the rest. @throws errors of writing. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#batch.length === 0) return;
    const [batch, vectors] = [this.#batch, this.#vectors];
    [this.#batch, this.#vectors] = [[], []];
    this.#writing = this.#write(batch, vectors);
    // The next chunk or the end awaits it and handles the error.
    this.#writing.catch(() => undefined);
  }
}
