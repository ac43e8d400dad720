import Database from 'better-sqlite3';

/** What the journal needs of a database. */
export type PragmaTarget = Pick<Database.Database, 'pragma'>;

export interface JournalChoice {
  readonly journalMode: string;
  /** Said to the user when it is not WAL. */
  readonly notices: readonly string[];
}

/** Waits without an event loop: this runs on the store's own thread. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** SQLite does not wait by itself when two connections change the journal mode at once. */
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

/** Leaves WAL even if its shared memory is unavailable: an exclusive connection needs none. */
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
 * memory, which two machines on one network drive do not share: both would write, and the database would be lost.
 *
 * @param network the kind of network drive the file lies on, null for a local one.
 * @throws SqliteError when the database is locked, unreadable or read-only.
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
