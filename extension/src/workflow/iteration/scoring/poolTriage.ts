import type { Ports } from '../../ports/ports.ts';
import { poolFilter } from '../../dataset/pool.ts';
import { eachImage } from '../../dataset/images.ts';
import type { ImageRow } from '../../ports/store/images.ts';
import type { PredictionKey } from '../../ports/store/predictions.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import type { UnscoredPrediction } from './rowScorer.ts';

export interface TriageRules {
  /** Whether a stored prediction was made with the current settings. */
  isPredicted(key: PredictionKey): boolean;
  /** Whether its scores were also computed with the current settings. */
  isScored(key: PredictionKey): boolean;
  /** Receives every prediction that is kept. */
  onKept(key: PredictionKey): void;
}

const page = 1000;

/** Decides for each image of the pool whether to predict it, only score it again, or skip it. */
export class PoolTriage {
  /** Number of images that are up to date so far. */
  fresh = 0;
  readonly #ports: Ports;
  readonly #session: SessionRow;
  readonly #versionId: number;
  readonly #rules: TriageRules;
  /** Images that were handed out for prediction and have no result yet. */
  readonly #out = new Map<number, ImageRow>();
  readonly #stale: PredictionKey[] = [];

  constructor(ports: Ports, session: SessionRow, versionId: number, rules: TriageRules) {
    this.#ports = ports;
    this.#session = session;
    this.#versionId = versionId;
    this.#rules = rules;
  }

  /** Every image of the pool that the model must run on; only one page of the database is in memory. */
  async *toPredict(): AsyncGenerator<ImageRow> {
    let images: ImageRow[] = [];
    for await (const image of eachImage(this.#ports, poolFilter(this.#session.datasetId))) {
      images.push(image);
      if (images.length < page) continue;
      yield* this.#sort(images);
      images = [];
    }
    yield* this.#sort(images);
  }

  /** The image of a result; null if it was never handed out. */
  take(imageId: number): ImageRow | null {
    const image = this.#out.get(imageId) ?? null;
    this.#out.delete(imageId);
    return image;
  }

  /** The stored predictions whose scores are outdated, once `toPredict` has ended. */
  async *toRescore(chunk: number): AsyncGenerator<UnscoredPrediction[]> {
    for (let from = 0; from < this.#stale.length; from += chunk) {
      // If a plug-in has failed meanwhile, its scores need not be computed any more.
      const keys = this.#stale.slice(from, from + chunk);
      const ids = keys.filter((key) => !this.#rules.isScored(key)).map(({ imageId }) => imageId);
      this.fresh += keys.length - ids.length;
      if (ids.length === 0) continue;
      const rows = await this.#ports.store.predictions.list(this.#versionId, ids);
      const images = await this.#ports.store.images.find({ datasetId: this.#session.datasetId, ids });
      const byId = new Map(images.map((image) => [image.id, image]));
      yield rows.flatMap((row) => {
        const image = byId.get(row.imageId);
        return image === undefined ? [] : [{ image, row }];
      });
    }
  }

  async *#sort(images: readonly ImageRow[]): AsyncGenerator<ImageRow> {
    const [first, last] = [images[0], images.at(-1)];
    if (first === undefined || last === undefined) return;
    const stored = await this.#ports.store.predictions.keys(this.#versionId, first.id - 1, last.id);
    const keys = new Map(stored.map((key) => [key.imageId, key]));
    for (const image of images) {
      const key = keys.get(image.id);
      if (key === undefined || !this.#rules.isPredicted(key)) {
        this.#out.set(image.id, image);
        yield image;
        continue;
      }
      this.#rules.onKept(key);
      if (this.#rules.isScored(key)) this.fresh++;
      else this.#stale.push(key);
    }
  }
}
