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
  readonly images: readonly ListedImage[];
  readonly problems: readonly DatasetProblem[];
  /** Whether the description names a val split (then it is respected, DESIGN §4.2). */
  readonly hasValidationSplit: boolean;
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

/** Reads datasets from disk; never writes to them. */
export interface DatasetFiles {
  /**
   * Reads the description and lists the images.
   * @throws DatasetError when there is no usable description (missing file, broken YAML, no class names, no image).
   */
  list(source: DatasetSource): Promise<DatasetListing>;
  /** Hashes (SHA-256, hex) and fully decodes one image. Never throws for a bad image. */
  probe(absolutePath: string): Promise<ImageProbe>;
}
