/** Identifies an image on disk. */
export interface ImageLocation {
  readonly rootPath: string;
  /** POSIX, relative to `rootPath`. */
  readonly relativePath: string;
}

export interface LabelContent {
  /** The bytes of the whole file. */
  readonly bytes: Uint8Array;
  /** The same as text, for parsing and editing; `decodeLabelText` describes bytes that are not UTF-8. */
  readonly text: string;
  /** SHA-256, hex, of the file's bytes. */
  readonly hash: string;
}

/**
 * Where labels are stored. A missing file (`null`) is an unlabelled image, an empty text a labelled background.
 * Adapters: the dataset's own files, an overlay for read-only datasets, an oracle for simulations.
 */
export interface LabelSource {
  /** Absolute path of the label file that `write` would write. */
  locate(image: ImageLocation): string;
  read(image: ImageLocation): Promise<LabelContent | null>;
  /**
   * Replaces the whole file atomically (temporary file, fsync, rename); `null` removes it. A file that already has
   * these bytes is only flushed, so that a write that failed halfway can be repeated.
   * The first write to an existing file stores a copy in the backup folder.
   * @returns the hash of the file on disk, `null` if it was removed.
   * @throws LabelError `read-only`, `disk-full`, `changed-outside` (if `expectedHash` is given and differs from the
   * file); `not-flushed` if the new content is on disk but may not survive a power cut.
   */
  write(image: ImageLocation, bytes: Uint8Array | null, expectedHash?: string | null): Promise<string | null>;
  /** Deletes temporary files that killed processes left beside the label file. */
  tidy(image: ImageLocation): Promise<void>;
  /** The images of one root have moved to another path. Labels that are stored apart from them follow. */
  moveRoot(from: string, to: string): Promise<void>;
}
