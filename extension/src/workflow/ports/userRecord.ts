import type { Lease } from './store/leases.ts';

/**
 * How a file came to be known: a run of this user produced it, or the user chose it. `code`: weights that may run code
 * while they are loaded, since the user trusts whoever made them.
 */
export type FileOrigin = 'run' | 'user' | 'code';

/** The files whose bytes this user vouches for. A file is known by its content, so that it may be moved or copied. */
export interface KnownFiles {
  /**
   * Records the content that the file has now; later calls add nothing.
   * @throws UserRecordError `unreadable` where it is no plain file that can be read.
   */
  remember(path: string, origin: FileOrigin): Promise<void>;
  /**
   * Whether exactly these bytes were recorded, by this origin if one is named, else by `run` or `user`. False for what is no readable plain
   * file. The hash is computed once a process for a file whose size and times stay the same.
   */
  isKnown(path: string, origin?: FileOrigin): Promise<boolean>;
  /** The SHA-256, hex, of the very bytes that are known; null where `isKnown` says no. */
  hashIfKnown(path: string, origin?: FileOrigin): Promise<string | null>;
}

/**
 * Whose processes work in the runs of one workspace. It lies outside the workspace, so that no file of the workspace can
 * name a process that is then signalled.
 */
export interface RunLeases {
  /** Null where no process of this user was recorded for the run. */
  read(runId: string): Promise<Lease | null>;
  write(runId: string, lease: Lease): Promise<void>;
  /** Harmless where there is none. */
  remove(runId: string): Promise<void>;
}

/** A folder `.active-learning`, where it stands and where it really is: the two differ for a link. */
export interface StoragePlace {
  readonly path: string;
  readonly target: string;
}

/** The folders `.active-learning` that this user made or trusts, each by a random id that its database holds, too. */
export interface KnownFolders {
  /** The id of the folder at this place, null for a stranger. Whether its database holds that id is the caller's to check. */
  idOf(place: StoragePlace): Promise<string | null>;
  /** The id of this place; a new one where it has none. Processes that ask at the same time get the same. */
  claim(place: StoragePlace): Promise<string>;
}

/**
 * What this user on this machine made, chose and trusts. It lies in a folder of the user, outside every workspace. The
 * command line and the editor share it.
 */
export interface UserRecord {
  readonly files: KnownFiles;
  readonly folders: KnownFolders;
  /** @param folderId what `folders` calls the workspace. */
  runs(folderId: string): RunLeases;
}
