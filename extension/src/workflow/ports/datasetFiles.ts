import type { DatasetProblem, DatasetSource, Split } from '../../core/dataset/types.ts';

/** A folder that image paths are relative to. */
export interface DatasetRoot {
  readonly path: string;
  readonly kind: 'dataset' | 'pool';
}

/** A dataset description read from disk: class names in id order, and every image file with its split. */
export interface DatasetListing {
  readonly classNames: readonly string[];
  readonly roots: readonly DatasetRoot[];
  readonly images: ListedImages;
  readonly problems: readonly DatasetProblem[];
  /** Whether the description names a val split (then it is respected: docs/architecture.md, One iteration). */
  readonly hasValidationSplit: boolean;
}

/** Many images in a fixed order. An array is one; a large listing is kept in columns, and rows are made as they are asked for. */
export interface ListedImages {
  readonly length: number;
  /** Those from `start` up to, without, `end`. */
  slice(start: number, end: number): readonly ListedImage[];
}

export interface ListedImage {
  /** Index into `roots`. */
  readonly root: number;
  /** POSIX, relative to the root. */
  readonly relativePath: string;
  readonly absolutePath: string;
  readonly split: Split;
  readonly size: number;
  readonly mtimeMs: number;
  /** The video or series that its name says it is of (`core/dataset/captureGroup.ts`). */
  readonly captureGroup: string | null;
}

/** What reading one image file tells. Width and height are after EXIF orientation. */
export type ImageProbe =
  | {
      readonly ok: true;
      readonly contentHash: string;
      readonly width: number;
      readonly height: number;
      /** What it looks like, see `core/duplicates/perceptualHash.ts`. */
      readonly perceptualHash: string;
      readonly warnings: readonly DatasetProblem[];
    }
  | { readonly ok: false; readonly contentHash: string | null; readonly problem: DatasetProblem };

/** Reads datasets from disk; never writes into them. */
export interface DatasetFiles {
  /**
   * Reads the description and lists the images.
   * @throws DatasetError when there is no usable description (missing file, broken YAML, no class names, no image), or
   * when a split is not what the description says, and `cancelled`.
   */
  list(source: DatasetSource, signal?: AbortSignal): Promise<DatasetListing>;
  /**
   * Hashes (SHA-256, hex) and fully decodes one image. Never throws for a bad image. Ask for a few at once: how many are
   * decoded at a time is not the caller's business.
   * @throws DatasetError `cancelled`, `reader-failed` when no image at all can be read.
   */
  probe(absolutePath: string, signal?: AbortSignal): Promise<ImageProbe>;
  /**
   * Writes the pixels of an image, as scoring sees them, to `target` as a PNG.
   * @throws AppError with the code of the problem that `probe` would give; file-system errors; DatasetError `cancelled`.
   */
  writePng(absolutePath: string, target: string, signal?: AbortSignal): Promise<void>;
  /** Ends what reads; later calls begin anew. */
  close(): Promise<void>;
}
