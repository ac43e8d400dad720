/** Files that the product makes for a person: exported models and their papers. */
export interface Artifacts {
  sizeBytes(path: string): Promise<number>;
  exists(path: string): Promise<boolean>;
  /** Whether the path is a plain file, no link, that really lies in a folder or below it. */
  isFileIn(folder: string, path: string): Promise<boolean>;
  readText(path: string): Promise<string>;
  /** SHA-256 of the file's bytes, hex. */
  digest(path: string): Promise<string>;
  /**
   * Puts all files into `folder` (made if missing) so that each appears whole or not at all; existing files of the same name are replaced.
   * @returns the absolute paths, in the order given.
   * @throws ExportError `disk-full`, `read-only`.
   */
  publish(folder: string, files: readonly ArtifactFile[]): Promise<string[]>;
}

export type ArtifactFile =
  | { readonly name: string; readonly copyOf: string }
  | { readonly name: string; readonly text: string };
