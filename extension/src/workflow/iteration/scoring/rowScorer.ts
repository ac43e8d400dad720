import type { Head } from '../../../core/detection/types.ts';
import type { ScoreOptions } from '../../../core/uncertainty/uncertaintyScore.ts';
import { scoreImage } from '../../../core/uncertainty/scoreImage.ts';
import { reportProgress, type Ports, type RunOptions } from '../../ports/ports.ts';
import type { PluginRun } from '../../ports/scorePlugins.ts';
import type { ImageRow } from '../../ports/store/images.ts';
import type { PredictionRow } from '../../ports/store/predictions.ts';
import { evidenceFrom, scoringKeyOf } from './scoringPlan.ts';

/** A prediction without scores. */
export interface UnscoredPrediction {
  readonly image: ImageRow;
  readonly row: Omit<PredictionRow, 'scores' | 'inferenceKey' | 'scoringKey'>;
}

export type Scored = Pick<PredictionRow, 'scores' | 'scoringKey'>;

/** The inputs of the scores. */
export interface Scoring {
  readonly scoreOptions: ScoreOptions;
  readonly head: Head;
  readonly classNames: readonly string[];
}

/** Computes the scores of predictions: built-in ones here, those of plug-ins in their threads. */
export class RowScorer {
  readonly #ports: Ports;
  readonly #scoring: Scoring;
  readonly #plugins: PluginRun | null;
  readonly #options: RunOptions;
  /** Ids of the scores of every plug-in that could be loaded. */
  readonly #loaded: readonly string[];
  /** Whether stored scores may contain values of plug-ins: some were computed, or up-to-date images were found. */
  #given = false;
  #known: { readonly count: number; readonly key: number } | null = null;
  readonly #faults: string[] = [];

  private constructor(ports: Ports, scoring: Scoring, plugins: PluginRun | null, options: RunOptions) {
    this.#ports = ports;
    this.#scoring = scoring;
    this.#plugins = plugins;
    this.#options = options;
    this.#loaded = plugins?.scores.map(({ id }) => id) ?? [];
    this.#tellFaults();
  }

  /** Loads the plug-ins from their current files. */
  static async open(ports: Ports, scoring: Scoring, options: RunOptions): Promise<RowScorer> {
    return new RowScorer(ports, scoring, (await ports.scorePlugins?.open()) ?? null, options);
  }

  /** Whether scores with this key are up to date. */
  isCurrent(key: number): boolean {
    const current = key === this.#key();
    if (current) this.#given = true;
    return current;
  }

  /** Ids of switched-off scores that have stored values, from this run or an earlier one. */
  get dropped(): readonly string[] {
    if (!this.#given) return [];
    const working = new Set(this.#plugins?.scores.map(({ id }) => id));
    return this.#loaded.filter((id) => !working.has(id));
  }

  /** Messages about the plug-ins that were switched off so far. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /**
   * Scores without those that were switched off, because a partly scored pool cannot be ranked; null if there are none.
   */
  withoutDropped({ scores }: Pick<PredictionRow, 'scores'>): Scored | null {
    const { dropped } = this;
    if (!dropped.some((id) => Object.hasOwn(scores, id))) return null;
    const kept = Object.entries(scores).filter(([id]) => !dropped.includes(id));
    return { scores: Object.fromEntries(kept), scoringKey: this.#key() };
  }

  /**
   * The scores of predictions, in their order. A plug-in that fails is reported and switched off; only its scores are
   * lost. After a cancellation, plug-ins are not awaited: predictions are kept with the built-in scores, and the next
   * scoring adds the rest.
   */
  async score(batch: readonly UnscoredPrediction[]): Promise<Scored[]> {
    const { scoreOptions, head, classNames } = this.#scoring;
    const sound = batch.filter(({ row }) => row.error === null);
    const images = sound.map(({ image, row }) => ({
      imageId: row.imageId,
      path: image.relativePath,
      width: image.width,
      height: image.height,
      evidence: evidenceFrom(row, { head, classCount: classNames.length }),
    }));
    const own = new Map(images.map(({ imageId, evidence }) => [imageId, scoreImage(evidence, scoreOptions).scores]));
    const answers = this.#isStopped()
      ? undefined
      : await this.#plugins?.score(images, { options: scoreOptions, classNames }, this.#options.signal);
    const further = this.#isStopped() ? undefined : answers;
    if (further !== undefined && further.size > 0) this.#given = true;
    this.#tellFaults();
    const scoringKey = this.#key();
    const places = new Map(images.map(({ imageId }, place) => [imageId, place]));
    return batch.map(({ row }) => {
      const place = places.get(row.imageId);
      if (place === undefined) return { scores: {}, scoringKey };
      const scores: Record<string, number> = { ...own.get(row.imageId) };
      for (const [id, values] of further ?? []) {
        const value = values[place] ?? null;
        if (value !== null) scores[id] = value;
      }
      return { scores, scoringKey };
    });
  }

  /** Stops the threads of the plug-ins. */
  async close(): Promise<void> {
    await this.#plugins?.close();
  }

  /** The key of the current scores, without the plug-ins that were switched off. */
  #key(): number {
    const scores = this.#isStopped() ? [] : (this.#plugins?.scores ?? []);
    // Cached: it is needed for every image of a pool and changes only if a plug-in is switched off.
    if (this.#known?.count !== scores.length) {
      this.#known = { count: scores.length, key: scoringKeyOf(this.#ports, this.#scoring.scoreOptions, scores) };
    }
    return this.#known.key;
  }

  #isStopped(): boolean {
    return this.#options.signal?.aborted === true;
  }

  #tellFaults(): void {
    const faults = this.#plugins?.faults ?? [];
    for (const { id, file, error } of faults.slice(this.#faults.length)) {
      const name = id === null ? file : `"${id}" (${file})`;
      const text = `The score plug-in ${name} is switched off for this run: ${error.message} ${error.hint}`;
      reportProgress(this.#options, 'score', text);
      this.#faults.push(text);
    }
  }
}
