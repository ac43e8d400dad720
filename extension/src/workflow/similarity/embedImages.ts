import { addRows, centreRows, meanOf } from '../../core/embeddings/centring.ts';
import { AppError } from '../../core/errors.ts';
import type { EmbeddingMatrix } from '../../core/selection/embeddings.ts';
import { readableStates, type OnHashes } from '../dataset/datasetHashes.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { eachPageOfHashes, ImageLocator } from '../dataset/images.ts';
import { loadModel } from '../models/modelFiles.ts';
import type { EmbeddedImage, EmbeddingEntry, EmbeddingSpace, EmbeddingTable } from '../ports/embeddings.ts';
import type { InferenceImage, InferenceOptions, ModelFiles, Provider } from '../ports/inference.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { baseIdentity, exportedBase, isBareArchitecture } from '../models/baseModel.ts';
import { ProviderReporter } from '../models/providerReporter.ts';
import { scoringWorkers } from '../models/scoringWorkers.ts';

const writeChunk = 64;
const page = 1000;
/** Rows processed at a time, so that the event loop stays responsive. */
const stride = 5000;

/** The model that computes the vectors of a session, and where they are stored. */
export interface EmbeddingSource {
  readonly model: ModelFiles;
  readonly space: EmbeddingSpace;
  /** Longer side of the input in pixels. */
  readonly imageSize: number;
}

/**
 * Vectors of every readable image of the session's dataset. The base weights compute them, so that they stay the same
 * in all iterations; if the base is a bare architecture, the newest version does. Each image content is computed once
 * and stored in `cache/`, centred on a point that is fixed with the first vectors. Cancelling loses nothing.
 * @param see receives those images, so that the caller need not read them again.
 * @returns null, with a reported reason, if no model can compute vectors: a bare architecture without a trained
 * version, no Python to export the base weights, or a model without that output.
 * @throws errors of reading, inference and the database; `cancelled`.
 */
export async function embeddingsFor(
  ports: Ports,
  session: SessionRow,
  options: RunOptions = {},
  see: OnHashes = () => {},
): Promise<EmbeddingMatrix | null> {
  const source = await sourceOrNull(ports, session, options);
  if (source === null) return null;
  const imageIds = await embedMissing(ports, session, source, see, options);
  return centreVectors(ports, source.space, await ports.embeddings.load(source.space, imageIds));
}

/**
 * Where to store the vectors from a version's own pass, or null if the session's vectors are not of that version. A
 * scoring that runs this version anyway can pass them to `ports.embeddings.put`, so that the pool is not processed
 * twice.
 */
export async function spaceOfVersion(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
): Promise<EmbeddingSpace | null> {
  if (!isBareArchitecture(session.baseModel)) return null;
  return (await sourceOfVersion(ports, session, version))?.space ?? null;
}

async function sourceOrNull(ports: Ports, session: SessionRow, options: RunOptions): Promise<EmbeddingSource | null> {
  const without = (why: string): null => {
    reportProgress(options, 'embed', `Images cannot be compared by their content: ${why}`);
    return null;
  };
  if (isBareArchitecture(session.baseModel)) {
    const newest = (await ports.store.models.list(session.id)).at(-1);
    if (newest === undefined) return without('the architecture has no trained weights yet.');
    return (await sourceOfVersion(ports, session, newest)) ?? without('the model has no such output.');
  }
  try {
    const model = await exportedBase(ports, session, options);
    const imageSize = embeddingSize(session);
    const space = spaceOf(ports, `d${session.datasetId}-`, model, `${await baseIdentity(ports, session)} ${imageSize}`);
    return space === null ? without('the base weights have no such output.') : { model, space, imageSize };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
    return without(`${error.message} ${error.hint}`);
  }
}

async function sourceOfVersion(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
): Promise<EmbeddingSource | null> {
  const model = await loadModel(ports, version);
  const imageSize = session.imageSize;
  const prefix = versionSpaces(session.id);
  const space = spaceOf(ports, `${prefix}${version.id}-`, model, `${version.createdAt} ${imageSize}`);
  if (space === null) return null;
  // Vectors of earlier versions are no longer needed.
  await ports.embeddings.dropOthers(prefix, space.key);
  return { model, space, imageSize };
}

/** Key prefix of the spaces whose vectors come from a session's own versions. */
export function versionSpaces(sessionId: number): string {
  return `s${sessionId}-v`;
}

/** A quarter of the pixels is enough for coarse features. */
function embeddingSize(session: SessionRow): number {
  return Math.min(session.imageSize, 320);
}

function spaceOf(
  ports: Pick<Ports, 'system'>,
  prefix: string,
  { info }: ModelFiles,
  made: string,
): EmbeddingSpace | null {
  const output = info.outputs.find(({ role }) => role === 'embedding');
  if (output?.dimensions === undefined) return null;
  const key = prefix + ports.system.digest(`${made} ${output.name}`).slice(0, 16);
  return { key, dimensions: output.dimensions };
}

/** Computes missing vectors. @returns the ids of all images that should have a vector, ascending. */
async function embedMissing(
  ports: Ports,
  session: SessionRow,
  { model, space, imageSize }: EmbeddingSource,
  see: OnHashes,
  options: RunOptions,
): Promise<number[]> {
  // Includes validation and test images, to find copies of them.
  const filter = { datasetId: session.datasetId, states: readableStates };
  const locator = await ImageLocator.of(ports, session.datasetId);
  let total: number | null = null;
  const imageIds: number[] = [];
  const hashes = new Map<number, string>();
  const inferenceOptions: InferenceOptions = {
    imageSize,
    // No boxes are needed.
    minConfidence: 1,
    iouThreshold: 0.7,
    maxDetections: 1,
    classScoresAbove: null,
    embedding: true,
    workers: scoringWorkers(ports, model, imageSize),
  };

  async function* lacking(): AsyncGenerator<InferenceImage> {
    for await (const columns of eachPageOfHashes(ports, filter)) {
      see(columns);
      const images: EmbeddedImage[] = [];
      for (const [row, imageId] of columns.imageIds.entries()) {
        const contentHash = columns.contentHashes[row] ?? null;
        if (contentHash === null) continue;
        images.push({ imageId, contentHash });
        imageIds.push(imageId);
      }
      const ids = await ports.embeddings.lacking(space, images);
      for (let from = 0; from < ids.length; from += page) {
        const wanted = { datasetId: session.datasetId, ids: ids.slice(from, from + page) };
        for (const image of await ports.store.images.find(wanted)) {
          hashes.set(image.id, image.contentHash ?? '');
          yield { imageId: image.id, absolutePath: locator.path(image) };
        }
      }
    }
  }

  let entries: EmbeddingEntry[] = [];
  let failed = 0;
  const put = async (): Promise<void> => {
    const chunk = entries;
    entries = [];
    await ports.embeddings.put(space, chunk);
  };
  const flush = async (): Promise<void> => {
    await put();
    total ??= await ports.store.images.count(filter);
    const done = imageIds.length - hashes.size;
    reportProgress(
      options,
      'embed',
      `Described ${done} of ${total} images by their content`,
      done / Math.max(1, total),
    );
  };
  try {
    const news = new ProviderReporter(options, 'embed', 'Describing images');
    const onProvider = (provider: Provider): void => news.report(provider);
    for await (const result of ports.inference.predict(
      model,
      lacking(),
      inferenceOptions,
      options.signal,
      onProvider,
    )) {
      const contentHash = hashes.get(result.imageId) ?? '';
      hashes.delete(result.imageId);
      if (result.ok && result.embedding !== undefined) {
        entries.push({ imageId: result.imageId, contentHash, vector: result.embedding });
      } else failed++;
      if (entries.length >= writeChunk) await flush();
    }
    if (entries.length > 0) await flush();
  } finally {
    // Results are kept even after a cancellation.
    if (entries.length > 0) await put();
  }
  if (failed > 0) reportProgress(options, 'embed', `${failed} images could not be read and are compared with none.`);
  return imageIds;
}

/** Centred and of unit length, in the memory of the table. */
async function centreVectors(
  ports: Pick<Ports, 'embeddings'>,
  space: EmbeddingSpace,
  table: EmbeddingTable,
): Promise<EmbeddingMatrix> {
  const { dimensions, imageIds, vectors } = table;
  const rows = imageIds.length;
  let centre = await ports.embeddings.centre(space);
  if (centre === null && rows > 0) {
    const sums = new Float64Array(dimensions);
    await inStrides(rows, (from, to) => addRows(table, from, to, sums));
    centre = await ports.embeddings.fixCentre(space, meanOf(sums, rows));
  }
  if (centre !== null) {
    const fixed = centre;
    await inStrides(rows, (from, to) => centreRows(table, fixed, from, to));
  }
  return { dimensions, imageIds, vectors };
}

async function inStrides(rows: number, work: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < rows; from += stride) {
    work(from, Math.min(rows, from + stride));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
