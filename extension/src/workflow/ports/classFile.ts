/** The file that names a dataset's classes (`data.yaml`). It is written only when the user asks for a new class. */
export interface ClassFile {
  /** The names it holds now, in id order. @throws DatasetError for a broken description. */
  read(path: string): Promise<readonly string[]>;
  /**
   * Appends a name as the next id, atomically, and leaves all else as it is; what was there is kept as a backup.
   * @param expected the names that were read; the file is left alone when it holds others by now.
   * @throws ClassFileError `changed-outside`, `layout-unknown`, `read-only`, `disk-full`, `write-failed`.
   */
  append(path: string, expected: readonly string[], name: string): Promise<void>;
}
