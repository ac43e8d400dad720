import { AppError } from '../../core/errors.ts';
import type { ErrorReport } from '../../core/errors.ts';

/** The error codes of the session database with their hints. */
const storeErrorHints = {
  'newer-version': 'Update the extension, or choose another storage folder in the settings. The file was not changed.',
  'older-version':
    'Trust the workspace: the database is brought to this version when it may be written, and a copy is kept.',
  'migration-failed':
    'The database was left as it was. Report this with the log; the version of the extension that wrote it still opens it.',
  'not-a-database':
    'Move the file aside to start a new history, or put back a copy (sessions.db.v<N>.bak, your own backup). The label files of the dataset are not affected.',
  'foreign-database': 'Trust the folder if you know where it comes from.',
  'foreign-schema':
    'Nothing of it was run. Move the file aside to start a new history; if you added something to it yourself, remove that first. The label files of the dataset are not affected.',
  'storage-link':
    'Remove the link, or move what it leads to in its place. A whole folder for sessions elsewhere is a setting (activeLearning.storage.folder).',
  'database-locked':
    'Close other windows, command-line runs and database browsers that use this file, then try again. The last change was not stored.',
  'disk-full': 'Free space on that disk, then try again. The last change was not stored; earlier ones are safe.',
  'read-only':
    'Make the folder and the file writable for you, or choose another storage folder in the settings. Nothing was stored.',
  'cannot-open': 'Check that the path names a file in an existing folder that you may read and write.',
  'io-error':
    'Check the disk or the network drive. The last change may not be stored; run the step again once it is back.',
  'corrupt-row':
    'Repair that value, see docs/database.md, or put back a copy of the database. Other rows are not affected.',
  'duplicate-name': 'Choose another name.',
  'duplicate-path': 'Choose another folder, or use the one that is already there.',
  'duplicate-iteration': 'Another window or run was faster. Refresh, then go on from there.',
  'batch-reviewed': 'Finish the review of this batch, or undo its verdicts first.',
  'image-busy': 'Another window is changing the labels of this image. Wait a moment, or close that window.',
  'verdict-changed': 'Another window was faster. Refresh to see its verdict, then decide again.',
  'event-ended': 'Refresh; the change was already given up or lost against an edit from outside.',
  'not-found': 'It may have been deleted in another window. Refresh the view.',
  'invalid-value': 'Please report this with the log.',
  'store-closed': 'Reload the window.',
  'thread-died': 'Reload the window. What was confirmed before is stored.',
  unexpected: 'Please report this with the log.',
} as const;

export type StoreErrorCode = keyof typeof storeErrorHints;

/** A failure of the session database: problem (`message`), place (`where`: file, or table and row), remedy (`hint`). */
export class StoreError extends AppError<StoreErrorCode> {
  constructor(code: StoreErrorCode, message: string, options: { where?: string; cause?: unknown; hint?: string } = {}) {
    super(code, message, options.hint ?? storeErrorHints[code], options);
  }
}

function isStoreErrorCode(code: string): code is StoreErrorCode {
  return Object.hasOwn(storeErrorHints, code);
}

/** Restores a `StoreError` that the thread sent as plain data. The thread's `stack` becomes the cause. */
export function storeErrorFromReport(report: ErrorReport, stack?: string): StoreError {
  const code = isStoreErrorCode(report.code) ? report.code : 'unexpected';
  return new StoreError(code, report.message, {
    hint: report.hint,
    ...(report.where === undefined ? {} : { where: report.where }),
    ...(stack === undefined ? {} : { cause: stack }),
  });
}
