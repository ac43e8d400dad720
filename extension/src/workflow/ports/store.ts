import type { DatasetSource, ImageState, Split } from '../../core/dataset/types.ts';
import type { Detection } from '../../core/detection/types.ts';
import type { IterationStatus, RunState, SessionSettings, SessionStatus, Verdict } from '../../core/session/types.ts';

/** Proof of who works on something: only what a dead owner left is finished or undone by another. */
export interface Lease {
  readonly pid: number;
  /** Start time of that process as the operating system tells it, so that a reused pid is no proof. */
  readonly startTime: string;
  readonly nonce: string;
}

export interface StoreInfo {
  readonly schemaVersion: number;
  readonly journalMode: string;
  /** Sentences for the user, such as the fall-back from WAL on a network drive. */
  readonly notices: readonly string[];
}

export interface DatasetRow {
  readonly id: number;
  readonly source: DatasetSource;
  readonly classNames: readonly string[];
  readonly createdAt: string;
}

export interface RootRow {
  readonly id: number;
  readonly datasetId: number;
  readonly path: string;
  readonly kind: 'dataset' | 'pool';
}

export interface ImageRow {
  readonly id: number;
  readonly datasetId: number;
  readonly rootId: number;
  readonly relativePath: string;
  readonly contentHash: string | null;
  readonly labelHash: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly split: Split;
  readonly state: ImageState;
  readonly captureGroup: string | null;
  readonly size: number;
  readonly mtimeMs: number;
  /** Why the image is `broken`. */
  readonly problem: string | null;
  /** What it looks like (`core/duplicates/perceptualHash.ts`); null while it was not read. */
  readonly perceptualHash: string | null;
}

export type NewImage = Omit<ImageRow, 'id' | 'datasetId'>;

export interface ImageChange {
  readonly id: number;
  readonly contentHash?: string | null;
  readonly labelHash?: string | null;
  readonly width?: number | null;
  readonly height?: number | null;
  readonly split?: Split;
  readonly state?: ImageState;
  readonly captureGroup?: string | null;
  readonly size?: number;
  readonly mtimeMs?: number;
  readonly problem?: string | null;
  readonly perceptualHash?: string | null;
}

export interface ImageFilter {
  readonly datasetId: number;
  readonly states?: readonly ImageState[];
  readonly splits?: readonly Split[];
  readonly ids?: readonly number[];
  /** Only images with an id above this one (keyset paging). */
  readonly afterId?: number;
  readonly limit?: number;
}

/** Images by what is in them; row i of every list belongs to `imageIds[i]`. */
export interface ImageLooks {
  readonly imageIds: Float64Array;
  readonly contentHashes: readonly (string | null)[];
  readonly perceptualHashes: readonly (string | null)[];
}

export interface ValidationRevision {
  readonly id: number;
  readonly datasetId: number;
  /** Counts from 1 within a dataset. */
  readonly number: number;
  readonly createdAt: string;
  readonly members: readonly ValidationMember[];
}

export interface ValidationMember {
  readonly imageId: number;
  /** Label hash at the time of the revision. */
  readonly labelHash: string;
}

export interface SessionRow extends SessionSettings {
  readonly id: number;
  readonly datasetId: number;
  readonly status: SessionStatus;
  readonly currentIteration: number;
  readonly bestMap50: number | null;
  readonly bestMap5095: number | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
}

export interface SessionChange {
  readonly settings?: Partial<SessionSettings>;
  readonly status?: SessionStatus;
  readonly currentIteration?: number;
  readonly bestMap50?: number | null;
  readonly bestMap5095?: number | null;
  readonly startedAt?: string;
  readonly completedAt?: string | null;
}

export interface IterationRow {
  readonly id: number;
  readonly sessionId: number;
  readonly iterationNumber: number;
  readonly status: IterationStatus;
  /** The step to take up again after `failed` or `cancelled`. */
  readonly resumeFrom: IterationStatus | null;
  readonly error: string | null;
  readonly trainingImagesCount: number | null;
  readonly trainingBoxesCount: number | null;
  readonly validationImagesCount: number | null;
  readonly validationRevisionId: number | null;
  readonly map50: number | null;
  readonly map5095: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly loss: number | null;
  readonly modelPath: string | null;
  readonly weightsPath: string | null;
  readonly trainingTimeSeconds: number | null;
  readonly scoringTimeSeconds: number | null;
  readonly runId: string | null;
  readonly startedAt: string;
  readonly completedAt: string | null;
}

export type IterationChange = Partial<Omit<IterationRow, 'id' | 'sessionId' | 'iterationNumber'>>;

export interface SampleRow {
  readonly id: number;
  readonly iterationId: number;
  readonly imageId: number;
  readonly rank: number;
  /** 1 - highest confidence. */
  readonly uncertaintyScore: number | null;
  readonly confidenceVariance: number | null;
  readonly entropyScore: number | null;
  readonly combinedScore: number | null;
  readonly scores: Readonly<Record<string, number>>;
  readonly predictedBoxes: readonly Detection[];
  readonly maxConfidence: number | null;
  readonly minConfidence: number | null;
  readonly reasons: readonly string[];
  /** Why a metric has no score for the image, in plain words, by metric id; absent where none was withheld. */
  readonly withheldScores?: Readonly<Record<string, string>>;
  readonly verdict: Verdict | null;
  readonly reviewSeconds: number | null;
  readonly reviewedAt: string | null;
}

export type NewSample = Omit<SampleRow, 'id' | 'iterationId' | 'verdict' | 'reviewSeconds' | 'reviewedAt'>;

export interface ModelVersionRow {
  readonly id: number;
  readonly sessionId: number;
  readonly iterationId: number;
  readonly versionNumber: number;
  readonly modelPath: string;
  readonly weightsPath: string;
  readonly performanceMetrics: Readonly<Record<string, unknown>>;
  readonly isActive: boolean;
  readonly isBest: boolean;
  readonly modelSizeMb: number;
  /** Of the run that made it. */
  readonly labelSnapshot: string;
  readonly lineage: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}

export type NewModelVersion = Omit<ModelVersionRow, 'id' | 'versionNumber' | 'isActive' | 'isBest' | 'createdAt'>;

export interface PredictionRow {
  readonly imageId: number;
  /** Content hash of the image the prediction was made on: a changed image is predicted again. */
  readonly contentHash: string;
  readonly detections: readonly Detection[];
  /** Detections on the mirrored image, mapped back into the image; absent where that was not asked for. */
  readonly flipped?: readonly Detection[];
  readonly bestScore: number;
  readonly scores: Readonly<Record<string, number>>;
  /** Set when the image could not be scored. */
  readonly error: string | null;
  /** Tells how the model was run (a digest of its settings): where another one is wanted, it runs again. */
  readonly inferenceKey: number;
  /** Tells how the scores were computed: where another one is wanted, they are computed again from the detections. */
  readonly scoringKey: number;
}

/** What decides whether an image must be predicted or scored again. */
export type PredictionKey = Pick<PredictionRow, 'imageId' | 'inferenceKey' | 'scoringKey' | 'bestScore'> & {
  /** Whether the image could not be scored. */
  readonly failed: boolean;
};

/** New scores for a prediction that stays as it is. */
export type Rescore = Pick<PredictionRow, 'imageId' | 'scores' | 'scoringKey'>;

/**
 * Predictions in columns: a million of them are a few arrays and no objects. Row i of every column belongs to
 * `imageIds[i]`, ascending.
 */
export interface PredictionColumns {
  readonly imageIds: Float64Array;
  /** Best score of any box, also below what is kept. */
  readonly bestScores: Float64Array;
  /** Boxes with a confidence of 0.05 and more. */
  readonly boxCounts: Uint32Array;
  /** 1 where the image could not be scored. */
  readonly failed: Uint8Array;
  /** By metric id; NaN where the image has no honest value. */
  readonly scores: Readonly<Record<string, Float64Array>>;
  /** Expected objects: the sum of the boxes' class scores, or of their confidences where the head gives no vector. */
  readonly expected: {
    /** Image i owns the entries `starts[i]` up to `starts[i + 1]`. */
    readonly starts: Uint32Array;
    /** Ascending within an image. */
    readonly classIds: Int32Array;
    /** Above 0. */
    readonly counts: Float32Array;
  };
}

/** An image and what it is ranked by. */
export interface ScoredImage {
  readonly imageId: number;
  readonly score: number;
}

export interface ScoreIndexProgress {
  /** About how many rows are left to sort; 0 when all is done. */
  readonly left: number;
}

export type LabelEventCause = 'verdict' | 'undo' | 'outside' | 'import' | 'oracle';
export type LabelEventState = 'pending' | 'done' | 'abandoned' | 'conflict';

/** One journaled change of one label file. `before` and `after` are whole file texts; `null` is "no file". */
export interface LabelEventRow {
  readonly id: number;
  readonly imageId: number;
  readonly sampleId: number | null;
  readonly cause: LabelEventCause;
  readonly before: string | null;
  readonly after: string | null;
  /** The sample's verdict and the image's state before and after, so that an undo restores both. */
  readonly verdictBefore: Verdict | null;
  readonly verdictAfter: Verdict | null;
  readonly stateBefore: ImageState;
  readonly stateAfter: ImageState;
  readonly state: LabelEventState;
  readonly owner: Lease;
  readonly createdAt: string;
  /** The event that this one undoes. */
  readonly undoes: number | null;
}

export type NewLabelEvent = Omit<LabelEventRow, 'id' | 'state' | 'createdAt'>;

export interface LabelEventCompletion {
  readonly labelHash: string | null;
  readonly reviewSeconds?: number;
}

export interface RunRow {
  readonly id: string;
  readonly sessionId: number;
  readonly iterationId: number;
  readonly job: 'train' | 'export';
  readonly state: RunState;
  readonly lease: Lease | null;
  readonly folder: string;
  /** SHA-256 of the sorted (image content hash, label hash) pairs that the run trains on. */
  readonly labelSnapshot: string | null;
  readonly lastSequence: number;
  readonly createdAt: string;
}

export interface MetricPoint {
  readonly sequence: number;
  readonly epoch: number;
  readonly name: string;
  readonly value: number;
}

/** The session database. Every method is a short transaction of its own; names follow the tables of DESIGN §3. */
export interface Store {
  info(): Promise<StoreInfo>;
  /** Changes when another connection wrote: SQLite's `data_version`. */
  dataVersion(): Promise<number>;
  close(): Promise<void>;
  readonly datasets: DatasetStore;
  readonly images: ImageStore;
  readonly sessions: SessionStore;
  readonly iterations: IterationStore;
  readonly samples: SampleStore;
  readonly models: ModelStore;
  readonly predictions: PredictionStore;
  readonly labelEvents: LabelEventStore;
  readonly runs: RunStore;
  readonly leases: LeaseStore;
}

export interface DatasetStore {
  create(source: DatasetSource, classNames: readonly string[]): Promise<DatasetRow>;
  get(id: number): Promise<DatasetRow | null>;
  list(): Promise<DatasetRow[]>;
  update(id: number, change: { source?: DatasetSource; classNames?: readonly string[] }): Promise<void>;
  /** Finds or adds a root. */
  addRoot(datasetId: number, path: string, kind: 'dataset' | 'pool'): Promise<RootRow>;
  roots(datasetId: number): Promise<RootRow[]>;
  /** A moved dataset is one row. */
  moveRoot(rootId: number, path: string): Promise<void>;
  latestRevision(datasetId: number): Promise<ValidationRevision | null>;
  revision(id: number): Promise<ValidationRevision | null>;
  /** Adds revision n + 1. */
  addRevision(datasetId: number, members: readonly ValidationMember[]): Promise<ValidationRevision>;
}

export interface ImageStore {
  /** Inserts new (root, path) pairs; returns all ids in the order given. */
  insert(datasetId: number, images: readonly NewImage[]): Promise<number[]>;
  update(changes: readonly ImageChange[]): Promise<void>;
  get(id: number): Promise<ImageRow | null>;
  /** Ascending by id. */
  find(filter: ImageFilter): Promise<ImageRow[]>;
  /** The ids alone, ascending: enough where a large pool is only counted out. */
  ids(filter: ImageFilter): Promise<Float64Array>;
  /** What the images are and look like, ascending by id: enough to compare a large pool. */
  looks(filter: ImageFilter): Promise<ImageLooks>;
  count(filter: ImageFilter): Promise<number>;
}

export interface SessionStore {
  /** @throws StoreError `duplicate-name`. */
  create(datasetId: number, settings: SessionSettings): Promise<SessionRow>;
  get(id: number): Promise<SessionRow | null>;
  list(): Promise<SessionRow[]>;
  update(id: number, change: SessionChange): Promise<SessionRow>;
  /** Removes the session with its iterations, samples, models, runs and predictions; the dataset's images and label history stay. */
  delete(id: number): Promise<void>;
}

export interface IterationStore {
  /** @throws StoreError `duplicate-iteration`: another window was faster. */
  create(sessionId: number, iterationNumber: number, status: IterationStatus): Promise<IterationRow>;
  get(id: number): Promise<IterationRow | null>;
  byNumber(sessionId: number, iterationNumber: number): Promise<IterationRow | null>;
  list(sessionId: number): Promise<IterationRow[]>;
  update(id: number, change: IterationChange): Promise<IterationRow>;
}

export interface SampleStore {
  /** Replaces the batch of an iteration that has no verdicts yet. @throws StoreError `batch-reviewed`. */
  replaceBatch(iterationId: number, samples: readonly NewSample[]): Promise<void>;
  get(id: number): Promise<SampleRow | null>;
  /** By rank. */
  list(iterationId: number): Promise<SampleRow[]>;
  /** Counts by verdict; `open` are those without one. */
  progress(iterationId: number): Promise<{ total: number; open: number; byVerdict: Partial<Record<Verdict, number>> }>;
  /** Images that are samples without a verdict in an iteration of the dataset that is not completed. */
  openImageIds(datasetId: number): Promise<number[]>;
}

export interface ModelStore {
  /** Adds version n + 1 and makes it the active one; `is_best` is set by `setBest`. */
  create(model: NewModelVersion): Promise<ModelVersionRow>;
  list(sessionId: number): Promise<ModelVersionRow[]>;
  get(id: number): Promise<ModelVersionRow | null>;
  byIteration(iterationId: number): Promise<ModelVersionRow | null>;
  setActive(id: number): Promise<void>;
  setBest(id: number): Promise<void>;
  updateMetrics(id: number, metrics: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface PredictionStore {
  put(modelVersionId: number, rows: readonly PredictionRow[]): Promise<void>;
  /** The keys of up-to-date predictions (same content hash) of images with `after < id <= upTo`, ascending. */
  keys(modelVersionId: number, after: number, upTo: number): Promise<PredictionKey[]>;
  /** Replaces scores and nothing else. Rows that are not there are left out. */
  rescore(modelVersionId: number, rows: readonly Rescore[]): Promise<void>;
  get(modelVersionId: number, imageId: number): Promise<PredictionRow | null>;
  /** Those of the images that are there, ascending by image id. */
  list(modelVersionId: number, imageIds: readonly number[]): Promise<PredictionRow[]>;
  /** Keyset page, ascending by image id. */
  page(modelVersionId: number, afterImageId: number, limit: number): Promise<PredictionRow[]>;
  /**
   * The same in columns, without an object a box: what selection reads of a whole pool, 5,000 to 20,000 rows at a time.
   * Predictions of a content that the image no longer has are among them.
   */
  columns(modelVersionId: number, afterImageId: number, limit: number): Promise<PredictionColumns>;
  /**
   * One step of sorting the scores of a version, some hundredths of a second; to be called until nothing is left, when a
   * pool was scored. Later changes of a few images are followed. `top` and `byClass` give the same without it, by
   * looking at all predictions.
   */
  indexScores(modelVersionId: number): Promise<ScoreIndexProgress>;
  /** The images with the highest scores of a metric first, among equal ones the lower id; from after `after` on. */
  top(modelVersionId: number, metric: string, limit: number, after?: ScoredImage): Promise<ScoredImage[]>;
  /** The images on which the version sees a class, by its expected objects, in the same way. */
  byClass(modelVersionId: number, classId: number, limit: number, after?: ScoredImage): Promise<ScoredImage[]>;
  /**
   * Deletes up to `limit` rows of predictions: of versions of the session that are shown no more (neither active, nor the
   * best, nor one of the two newest), or of all before the session itself goes.
   * @returns how many; 0 when nothing is left to delete.
   */
  prune(sessionId: number, limit: number, which?: 'shown-no-more' | 'all'): Promise<number>;
}

export interface LabelEventStore {
  /**
   * Writes the intent (state `pending`) before the file changes.
   * @throws StoreError `image-busy` when a pending event of a live owner is there; `verdict-changed` when the
   * sample's verdict is no longer `verdictBefore` (another window was faster).
   */
  begin(event: NewLabelEvent): Promise<LabelEventRow>;
  /** After the file is on disk: event done, image's label hash and state, sample's verdict, in one transaction. */
  complete(eventId: number, completion: LabelEventCompletion): Promise<void>;
  /** Nothing was changed on disk, or the file on disk wins (`conflict`). */
  end(eventId: number, state: 'abandoned' | 'conflict'): Promise<void>;
  pending(): Promise<LabelEventRow[]>;
  history(imageId: number): Promise<LabelEventRow[]>;
  /** The newest `done` verdict of an iteration that no later event has undone. */
  lastUndoable(iterationId: number): Promise<LabelEventRow | null>;
}

export interface RunStore {
  create(run: Omit<RunRow, 'lease' | 'lastSequence' | 'createdAt'>): Promise<RunRow>;
  get(id: string): Promise<RunRow | null>;
  list(states?: readonly RunState[]): Promise<RunRow[]>;
  update(id: string, change: { state?: RunState; lease?: Lease | null }): Promise<void>;
  /** Idempotent by (run, sequence, name); moves `lastSequence` forward. */
  addMetrics(id: string, lastSequence: number, points: readonly MetricPoint[]): Promise<void>;
  metrics(id: string): Promise<MetricPoint[]>;
}

/** Named locks, such as `training` (one at a time per workspace) or `session:7`. */
export interface LeaseStore {
  /** Takes the lease, or returns the one who holds it. A lease that `replace` names (a dead owner) is taken over atomically. */
  acquire(
    name: string,
    lease: Lease,
    replace?: Lease,
  ): Promise<{ acquired: true } | { acquired: false; holder: Lease }>;
  release(name: string, lease: Lease): Promise<void>;
  /** Who holds the lease, dead or alive; null when it is free. */
  holder(name: string): Promise<Lease | null>;
}
