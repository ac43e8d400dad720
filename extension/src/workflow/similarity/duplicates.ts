import { AppError } from '../../core/errors.ts';
import type { NearDuplicate } from '../../core/duplicates/nearDuplicates.ts';
import type { ImageState, Split } from '../../core/dataset/types.ts';
import type { EmbeddingMatrix } from '../../core/selection/embeddings.ts';
import { readVectorsAndPictures, type DatasetHashes, type OnHashes } from '../dataset/datasetHashes.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import { ImageLocator } from '../dataset/images.ts';
import { embeddingsFor } from './embedImages.ts';
import type { NearDuplicateResult } from '../ports/selector.ts';
import type { SessionRow } from '../ports/store/sessions.ts';

/** The near duplicates that a selection needs. */
export interface NearDuplicates {
  /**
   * One list per group. The first image is the one to keep: a validation or test image before a labelled one, and a
   * labelled one before one of the pool. At most one image of a group is worth reviewing, and none if the first is not
   * of the pool. Images without a duplicate are in no group.
   */
  readonly groups: readonly (readonly number[])[];
  /**
   * Images of the pool that are near duplicates of a validation or test image. They are selected only if nothing else
   * is left.
   */
  readonly poolLeaks: number;
  /** Labelled training images that are near duplicates of a held-out image: training on them inflates the metrics. */
  readonly trainingLeaks: readonly number[];
}

/**
 * The near duplicates of a dataset.
 * @param pictures of the dataset (`readPictures`).
 * @param embeddings of the session (`embeddingsFor`); without them, only images with almost equal hashes are found.
 * @throws SelectionError `thread-died`, `cancelled`.
 */
export async function nearDuplicates(
  ports: Pick<Ports, 'selector'>,
  pictures: DatasetHashes,
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

/** An image in the report. */
export interface ReportedImage {
  readonly imageId: number;
  /** Absolute path. */
  readonly file: string;
  readonly split: Split;
  readonly state: ImageState;
}

/** A near duplicate of another image, with the measured similarity. */
export interface ReportedDuplicate extends ReportedImage, Pick<NearDuplicate, 'sameFile' | 'bits' | 'cosine'> {}

export interface DuplicateReport {
  /** Number of compared images. */
  readonly images: number;
  /** Whether vectors were compared; without them, only images with almost equal hashes are found. */
  readonly withEmbeddings: boolean;
  readonly groups: readonly { readonly first: ReportedImage; readonly others: readonly ReportedDuplicate[] }[];
  /** Labelled training images, and images of the pool, that are near duplicates of a validation or test image. */
  readonly leaks: readonly { readonly held: ReportedImage; readonly image: ReportedDuplicate }[];
}

/**
 * Finds near duplicates in the session's dataset: within the pool, between the pool and the labelled set, and across
 * the validation split.
 * @throws WorkflowError `not-found`, `cancelled`; errors of the inference.
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

/** If no model can compute vectors, images are compared by their hashes. */
async function vectorsOrNull(
  ports: Ports,
  session: SessionRow,
  options: RunOptions,
  see: OnHashes,
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
  { pictures, held }: DatasetHashes,
  embeddings: EmbeddingMatrix | null,
  options: RunOptions,
): Promise<NearDuplicateResult> {
  reportProgress(options, 'duplicates', 'Looking for images that show the same');
  return ports.selector.nearDuplicates({ pictures: pictures.columns, held, embeddings }, options.signal);
}
