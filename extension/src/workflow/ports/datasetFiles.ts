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
  /** Whether the description names a val split, which is then used (docs/architecture.md, One iteration). */
  readonly hasValidationSplit: boolean;
}

/**
 * Many images in a fixed order. An array qualifies; a large listing is stored in columns and creates rows on demand.
 */
export interface ListedImages {
  readonly length: number;
  /** The images from `start` to `end`, which is excluded. */
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
  /** The video or series that the file name suggests (`core/dataset/captureGroup.ts`). */
  readonly captureGroup: string | null;
}

/** Facts from reading one image file. Width and height are after EXIF orientation. */
export type ImageProbe =
  | {
      readonly ok: true;
      readonly contentHash: string;
      readonly width: number;
      readonly height: number;
      /** Perceptual hash, see `core/duplicates/perceptualHash.ts`. */
      readonly perceptualHash: string;
      readonly warnings: readonly DatasetProblem[];
    }
  | { readonly ok: false; readonly contentHash: string | null; readonly problem: DatasetProblem };

/** Reads datasets from disk. Never writes to them. */
export interface DatasetFiles {
  /**
   * Reads the description and lists the images.
   * @throws DatasetError if there is no usable description (missing file, invalid YAML, no class names, no image), or
   * if a split does not match the description; also `cancelled`.
   */
  list(source: DatasetSource, signal?: AbortSignal): Promise<DatasetListing>;
  /**
   * Hashes (SHA-256, hex) and fully decodes one image. Never throws for a damaged image. Call it for several images at
   * once; the adapter limits how many are decoded at the same time.
   * @throws DatasetError `cancelled`, `reader-failed` if no image can be read at all.
   */
  probe(absolutePath: string, signal?: AbortSignal): Promise<ImageProbe>;
  /**
   * Writes the pixels of an image, as scoring sees them, to `target` as a PNG.
   * @throws AppError with the code of the problem that `probe` reports; file-system errors; DatasetError `cancelled`.
   */
  writePng(absolutePath: string, target: string, signal?: AbortSignal): Promise<void>;
  /** Stops the reader; a later call starts it again. */
  close(): Promise<void>;
}
