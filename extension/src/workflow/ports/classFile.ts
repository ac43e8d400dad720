/** The file with a dataset's class names (`data.yaml`). It is written only if the user adds a class. */
export interface ClassFile {
  /** Its current names, in id order. @throws DatasetError if the description is invalid. */
  read(path: string): Promise<readonly string[]>;
  /**
   * Appends a name as the next id, atomically, and changes nothing else. Keeps a backup of the previous file.
   * @param expected the names that were read; the file is not changed if it has other names by now.
   * @throws ClassFileError `changed-outside`, `layout-unknown`, `read-only`, `disk-full`, `write-failed`.
   */
  append(path: string, expected: readonly string[], name: string): Promise<void>;
}
