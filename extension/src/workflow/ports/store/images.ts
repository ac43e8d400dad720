import type { ImageState, Split } from '../../../core/dataset/types.ts';

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
  /** Perceptual hash (`core/duplicates/perceptualHash.ts`); null until the image is read. */
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
  readonly rootId?: number;
  readonly relativePaths?: readonly string[];
  /** Only images whose relative path begins so: those of a folder and the folders below it. */
  readonly pathPrefix?: string;
  /** Only images with a higher id (keyset paging). */
  readonly afterId?: number;
  readonly limit?: number;
}

/** A folder that holds images of a dataset itself, not only in folders below it. */
export interface ImageFolder {
  readonly rootId: number;
  /** Relative to the root, with a slash at the end; empty for the root itself. */
  readonly path: string;
  readonly images: number;
}

/** Images by their content; row i of every list belongs to `imageIds[i]`. */
export interface ImageHashColumns {
  readonly imageIds: Float64Array;
  readonly contentHashes: readonly (string | null)[];
  readonly perceptualHashes: readonly (string | null)[];
  /** 1 for a validation or test image. */
  readonly heldOut: Uint8Array;
  /** 1 for a labelled image. */
  readonly labelled: Uint8Array;
}

export interface ImageStore {
  /** Inserts new (root, path) pairs; returns all ids in the order given. */
  insert(datasetId: number, images: readonly NewImage[]): Promise<number[]>;
  update(changes: readonly ImageChange[]): Promise<void>;
  get(id: number): Promise<ImageRow | null>;
  /** Ascending by id. */
  find(filter: ImageFilter): Promise<ImageRow[]>;
  /** Only the ids, ascending: enough to count a large pool. */
  ids(filter: ImageFilter): Promise<Float64Array>;
  /** The same in the order of the relative paths. `afterId` and `limit` have no use here. */
  idsByPath(filter: Omit<ImageFilter, 'afterId' | 'limit'>): Promise<Float64Array>;
  /** By root and path. */
  folders(datasetId: number): Promise<ImageFolder[]>;
  /** State and hashes of the images, ascending by id: enough to compare a large pool. */
  hashColumns(filter: ImageFilter): Promise<ImageHashColumns>;
  count(filter: ImageFilter): Promise<number>;
}
