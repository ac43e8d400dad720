/** Files exported for the user: models and their documentation. */
export interface Artifacts {
  sizeBytes(path: string): Promise<number>;
  exists(path: string): Promise<boolean>;
  /** Whether the path is a plain file, not a link, whose real location is in a folder or below it. */
  isFileIn(folder: string, path: string): Promise<boolean>;
  readText(path: string): Promise<string>;
  /** SHA-256 of the file's bytes, hex. */
  digest(path: string): Promise<string>;
  /**
   * Writes all files into `folder` (created if missing). Each appears completely or not at all; existing files of the
   * same name are replaced.
   * @returns the absolute paths, in the order given.
   * @throws ExportError `disk-full`, `read-only`.
   */
  publish(folder: string, files: readonly ArtifactFile[]): Promise<string[]>;
}

export type ArtifactFile =
  | { readonly name: string; readonly copyOf: string }
  | { readonly name: string; readonly text: string };
