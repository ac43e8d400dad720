/** Identifies an image on disk. */
export interface ImageLocation {
  readonly rootPath: string;
  /** POSIX, relative to `rootPath`. */
  readonly relativePath: string;
}

export interface LabelContent {
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** The same to parse and edit: what is no UTF-8 stands in it as `decodeLabelText` says. */
  readonly text: string;
  /** SHA-256, hex, of the file's bytes. */
  readonly hash: string;
}

/**
 * Where labels are kept. A missing file (`null`) is an unlabelled image, an empty text a labelled background.
 * Adapters: the dataset's own files, an overlay for read-only datasets, an oracle for simulations.
 */
export interface LabelSource {
  /** Absolute path of the label file that `write` would write. */
  locate(image: ImageLocation): string;
  read(image: ImageLocation): Promise<LabelContent | null>;
  /**
   * Replaces the whole file atomically (temporary file, fsync, rename); `null` removes it. A file that holds these bytes
   * already stays, and is flushed: a write that failed half-way can be repeated.
   * The first write to a file that was there before keeps a copy in the backup folder.
   * @returns the hash of what is now on disk, `null` when removed.
   * @throws LabelError `read-only`, `disk-full`, `changed-outside` (when `expectedHash` is given and differs from what is there);
   * `not-flushed` when the new content is there, but may not survive a power cut.
   */
  write(image: ImageLocation, bytes: Uint8Array | null, expectedHash?: string | null): Promise<string | null>;
  /** Removes what processes that were killed while they wrote left beside the label file. */
  tidy(image: ImageLocation): Promise<void>;
  /** The images of one root are found below another path from now on: labels that are kept apart from them follow. */
  moveRoot(from: string, to: string): Promise<void>;
}
