import type { UserRecord } from '../../workflow/ports/userRecord.ts';
import { createEntries } from './entries.ts';
import { createKnownFiles } from './knownFiles.ts';
import { createKnownFolders } from './knownFolders.ts';
import { createRunLeases } from './runLeases.ts';
import { userFolder } from './userFolder.ts';

export interface UserRecordOptions {
  /** Default: the folder of the user who runs this process. */
  readonly folder?: string | undefined;
  /** Called once per process if the record cannot be written. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** The record of this user on this machine (SECURITY.md explains its purpose). */
export function createUserRecord({ folder = userFolder(), onWarning }: UserRecordOptions = {}): UserRecord {
  const entries = createEntries({ folder, onWarning });
  return {
    files: createKnownFiles(entries),
    folders: createKnownFolders(entries),
    runs: (folderId) => createRunLeases(entries, folderId),
  };
}
