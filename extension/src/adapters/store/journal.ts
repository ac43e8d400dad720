import Database from 'better-sqlite3';

/** The part of a database that this file uses. */
export type PragmaTarget = Pick<Database.Database, 'pragma'>;

export interface JournalChoice {
  readonly journalMode: string;
  /** Messages for the user if the mode is not WAL. */
  readonly notices: readonly string[];
}

/** Blocks the thread, which is the store's. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Retries, because SQLite does not wait if two connections change the journal mode at once. */
function setMode(target: PragmaTarget, mode: string, timeoutMs: number): string {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return String(target.pragma(`journal_mode = ${mode}`, { simple: true }));
    } catch (error) {
      const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!isBusy || performance.now() >= deadline) throw error;
      pause(20);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(?:IOERR|CANTOPEN|PROTOCOL|NOLFS)/u.test(error.code);
}

/** Switches from WAL even without shared memory: an exclusive connection needs none. */
function leaveWal(target: PragmaTarget, timeoutMs: number): string {
  try {
    return setMode(target, 'DELETE', timeoutMs);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    target.pragma('locking_mode = EXCLUSIVE');
    const mode = setMode(target, 'DELETE', timeoutMs);
    target.pragma('locking_mode = NORMAL');
    return mode;
  }
}

/**
 * Chooses the journal: WAL, or DELETE if WAL is unavailable or cannot be trusted. WAL keeps its index in shared
 * memory, which two machines on one network drive do not share: both would write and corrupt the database.
 *
 * @param network the kind of network drive that contains the file, null for a local one.
 * @throws SqliteError if the database is locked, unreadable or read-only.
 */
export function chooseJournal(target: PragmaTarget, network: string | null, timeoutMs: number): JournalChoice {
  const slower = 'so the session database works without a write-ahead log, which is safe but slower';
  if (network !== null) {
    const journalMode = leaveWal(target, timeoutMs);
    return {
      journalMode,
      notices: [
        `The storage folder is on a network drive (${network}), ${slower}. A local storage folder can be set in the settings.`,
      ],
    };
  }
  let journalMode: string;
  try {
    journalMode = setMode(target, 'WAL', timeoutMs);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    journalMode = leaveWal(target, timeoutMs);
  }
  if (journalMode === 'wal') return { journalMode, notices: [] };
  return {
    journalMode,
    notices: [
      `The drive of the storage folder has no shared memory, ${slower}. A local storage folder can be set in the settings.`,
    ],
  };
}
