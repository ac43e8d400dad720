import type { Head } from '../../core/detection/types.ts';
import type { MetricOptions } from '../../core/uncertainty/metric.ts';
import { scoreImage } from '../../core/uncertainty/scoreImage.ts';
import { tell, type Engine, type Task } from '../engine.ts';
import type { PluginRun } from '../ports/metricPlugins.ts';
import type { ImageRow, PredictionRow } from '../ports/store.ts';
import { evidenceFrom, scoringKeyOf } from './scoringPlan.ts';

/** A prediction that waits for its scores. */
export interface Unscored {
  readonly image: ImageRow;
  readonly row: Omit<PredictionRow, 'scores' | 'inferenceKey' | 'scoringKey'>;
}

export type Scored = Pick<PredictionRow, 'scores' | 'scoringKey'>;

/** What scores are computed with. */
export interface Scoring {
  readonly options: MetricOptions;
  readonly head: Head;
  readonly classNames: readonly string[];
}

/** Computes the scores of predictions: the product's metrics here, a user's own through their threads. */
export class RowScorer {
  readonly #engine: Engine;
  readonly #scoring: Scoring;
  readonly #plugins: PluginRun | null;
  readonly #task: Task;
  /** The key of scores with every plug-in that could be loaded. */
  readonly #wanted: number;
  #told = 0;

  private constructor(engine: Engine, scoring: Scoring, plugins: PluginRun | null, task: Task) {
    this.#engine = engine;
    this.#scoring = scoring;
    this.#plugins = plugins;
    this.#task = task;
    this.#wanted = this.#key();
    this.#tellFaults();
  }

  /** Reads the plug-ins as their files are now. */
  static async open(engine: Engine, scoring: Scoring, task: Task): Promise<RowScorer> {
    return new RowScorer(engine, scoring, (await engine.metricPlugins?.open()) ?? null, task);
  }

  /** Whether scores with this key need not be computed again. */
  isCurrent(key: number): boolean {
    // A plug-in that was switched off meanwhile does not take its earlier scores along.
    return key === this.#wanted || key === this.#key();
  }

  /** The scores of predictions, in their order. A plug-in that fails is switched off and told, and costs its own scores alone. */
  async score(batch: readonly Unscored[]): Promise<Scored[]> {
    const { options, head, classNames } = this.#scoring;
    const sound = batch.filter(({ row }) => row.error === null);
    const images = sound.map(({ image, row }) => ({
      imageId: row.imageId,
      path: image.relativePath,
      width: image.width,
      height: image.height,
      evidence: evidenceFrom(row, { head, classCount: classNames.length }),
    }));
    const own = new Map(images.map(({ imageId, evidence }) => [imageId, scoreImage(evidence, options).scores]));
    const further = await this.#plugins?.score(images, { options, classNames });
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

  /** Ends the threads of the plug-ins. */
  async close(): Promise<void> {
    await this.#plugins?.close();
  }

  /** Of scores as they are computed at the moment: without the plug-ins that were switched off. */
  #key(): number {
    return scoringKeyOf(this.#engine, this.#scoring.options, this.#plugins?.metrics ?? []);
  }

  #tellFaults(): void {
    const faults = this.#plugins?.faults ?? [];
    for (const { id, file, error } of faults.slice(this.#told)) {
      const name = id === null ? file : `"${id}" (${file})`;
      const text = `The metric plug-in ${name} is switched off for this run: ${error.message} ${error.hint}`;
      tell(this.#task, 'score', text);
    }
    this.#told = faults.length;
  }
}
