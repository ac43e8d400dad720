import { AppError } from '../../core/errors.ts';
import type { Lookalike } from '../../core/duplicates/lookalikes.ts';
import type { ImageState, Split } from '../../core/dataset/types.ts';
import type { EmbeddingMatrix } from '../../core/selection/embeddings.ts';
import { readVectorsAndPictures, type DatasetPictures, type SeeHashes } from '../dataset/datasetPictures.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import { ImageLocator } from '../dataset/images.ts';
import { embeddingsFor } from './embedImages.ts';
import type { NearDuplicateResult } from '../ports/selector.ts';
import type { SessionRow } from '../ports/store/sessions.ts';

/** Images that show the same, as a selection needs them. */
export interface NearDuplicates {
  /**
   * Each list one group. The first is what the others are like, and is the one to keep: a validation or test image before
   * a labelled one, that before one of the pool. So at most one of a group is worth a person's time, and none where its
   * first is not of the pool. Images without a partner are in no group.
   */
  readonly groups: readonly (readonly number[])[];
  /** Images of the pool that show what a validation or test image shows: they are chosen when nothing else is left. */
  readonly poolLeaks: number;
  /** Labelled training images that do: trained on, they flatter the numbers. */
  readonly trainingLeaks: readonly number[];
}

/**
 * Images of a dataset that show the same.
 * @param pictures of the dataset (`readPictures`).
 * @param embeddings of the session (`embeddingsFor`); without them only pictures with almost the same hash are alike.
 * @throws SelectionError `thread-died`, `cancelled`.
 */
export async function nearDuplicates(
  ports: Pick<Ports, 'selector'>,
  pictures: DatasetPictures,
  embeddings: EmbeddingMatrix | null,
  options: RunOptions = {},
): Promise<NearDuplicates> {
  const { groups, leaks } = await compareHashes(ports, pictures, embeddings, options);
  const leaking = leaks.map(({ image }) => image.imageId);
  const trainingLeaks = leaking.filter((id) => pictures.labelled.has(id));
  return {
    groups: groups.map(({ first, others }) => [first, ...others.map(({ imageId }) => imageId)]),
    poolLeaks: leaking.length - trainingLeaks.length,
    trainingLeaks,
  };
}

/** One image of a report. */
export interface ReportedImage {
  readonly imageId: number;
  /** Absolute path. */
  readonly file: string;
  readonly split: Split;
  readonly state: ImageState;
}

/** An image that shows the same as another, and how surely. */
export interface ReportedDuplicate extends ReportedImage, Pick<Lookalike, 'sameFile' | 'bits' | 'cosine'> {}

export interface DuplicateReport {
  /** Images that were compared. */
  readonly images: number;
  /** Whether vectors helped; without them only pictures with almost the same hash are found. */
  readonly withEmbeddings: boolean;
  readonly groups: readonly { readonly first: ReportedImage; readonly others: readonly ReportedDuplicate[] }[];
  /** Labelled training images, and images of the pool, that show what a validation or test image shows. */
  readonly leaks: readonly { readonly held: ReportedImage; readonly image: ReportedDuplicate }[];
}

/**
 * Finds images of the session's dataset that show the same: within the pool, between it and the labelled set, and across
 * the validation split.
 * @throws WorkflowError `not-found`, `cancelled`; whatever the inference throws.
 */
export async function findDuplicates(
  ports: Ports,
  sessionId: number,
  options: RunOptions = {},
): Promise<DuplicateReport> {
  const session: SessionRow = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
  const { datasetId } = session;
  const { vectors, pictures } = await readVectorsAndPictures(
    ports,
    datasetId,
    (see) => vectorsOrNull(ports, session, options, see),
    options,
  );
  const { groups, leaks } = await compareHashes(ports, pictures, vectors, options);
  const locator = await ImageLocator.of(ports, datasetId);
  const ids = groups.flatMap(({ first, others }) => [first, ...others.map(({ imageId }) => imageId)]);
  for (const { of, image } of leaks) ids.push(of, image.imageId);
  const rows = new Map((await ports.store.images.find({ datasetId, ids })).map((row) => [row.id, row]));
  const report = (imageId: number): ReportedImage => {
    const row = requireRow(rows.get(imageId) ?? null, 'image', imageId);
    return { imageId, file: locator.path(row), split: row.split, state: row.state };
  };
  return {
    images: pictures.pictures.size,
    withEmbeddings: vectors !== null,
    groups: groups.map(({ first, others }) => ({
      first: report(first),
      others: others.map((like) => ({ ...like, ...report(like.imageId) })),
    })),
    leaks: leaks.map(({ of, image }) => ({ held: report(of), image: { ...image, ...report(image.imageId) } })),
  };
}

/** Pictures are compared by their hashes where no model can be had for the vectors. */
async function vectorsOrNull(
  ports: Ports,
  session: SessionRow,
  options: RunOptions,
  see: SeeHashes,
): Promise<EmbeddingMatrix | null> {
  try {
    return await embeddingsFor(ports, session, options, see);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cancelled' || options.signal?.aborted === true) throw error;
    reportProgress(options, 'duplicates', `Images are compared by their hashes alone: ${error.message}`);
    return null;
  }
}

async function compareHashes(
  ports: Pick<Ports, 'selector'>,
  { pictures, held }: DatasetPictures,
  embeddings: EmbeddingMatrix | null,
  options: RunOptions,
): Promise<NearDuplicateResult> {
  reportProgress(options, 'duplicates', 'Looking for images that show the same');
  return ports.selector.nearDuplicates({ pictures: pictures.columns, held, embeddings }, options.signal);
}
