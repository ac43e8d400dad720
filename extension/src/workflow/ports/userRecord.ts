import type { Lease } from './store/leases.ts';

/**
 * Why a file is trusted: a run of this user produced it, or the user chose it. `code`: weights that may run code when
 * loaded, because the user trusts their author.
 */
export type FileOrigin = 'run' | 'user' | 'code';

/** The files that this user trusts. They are identified by content, so they may be moved or copied. */
export interface KnownFiles {
  /**
   * Records the current content of the file; repeating it changes nothing.
   * @throws UserRecordError `unreadable` if it is not a plain, readable file.
   */
  remember(path: string, origin: FileOrigin): Promise<void>;
  /**
   * Whether exactly these bytes were recorded, by the given origin, otherwise by `run` or `user`. False if it is not a
   * plain, readable file. The hash is cached per process for files whose size and times stay the same.
   */
  isKnown(path: string, origin?: FileOrigin): Promise<boolean>;
  /** The SHA-256, hex, of the bytes that were checked; null if `isKnown` is false. */
  hashIfKnown(path: string, origin?: FileOrigin): Promise<string | null>;
}

/**
 * The processes that this user started in the runs of one workspace. Stored outside the workspace, so that no file in
 * it can name a process to be signalled.
 */
export interface RunLeases {
  /** Null if no process of this user was recorded for the run. */
  read(runId: string): Promise<Lease | null>;
  write(runId: string, lease: Lease): Promise<void>;
  /** Does nothing if none was recorded. */
  remove(runId: string): Promise<void>;
}

/** A folder `.active-learning` with its path and its real path, which differ for a link. */
export interface StoragePlace {
  readonly path: string;
  readonly target: string;
}

/**
 * The folders `.active-learning` that this user created or trusts, each with a random id that its database also
 * contains.
 */
export interface KnownFolders {
  /** The id of the folder at this place; null if it is unknown. The caller must check that its database has this id. */
  idOf(place: StoragePlace): Promise<string | null>;
  /** The id of this place; creates one if needed. Concurrent callers get the same id. */
  claim(place: StoragePlace): Promise<string>;
}

/**
 * What this user created, chose and trusts on this machine. Stored in a folder of the user, outside every workspace,
 * and shared by command line and editor.
 */
export interface UserRecord {
  readonly files: KnownFiles;
  readonly folders: KnownFolders;
  /** @param folderId the id of the workspace in `folders`. */
  runs(folderId: string): RunLeases;
}
