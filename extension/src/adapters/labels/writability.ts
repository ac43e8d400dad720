import { accessSync, closeSync, constants, existsSync, openSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode, temporaryName } from './labelFs.ts';

/** Whether files can be made in a folder, or in the nearest parent that exists. */
export type WritableProbe = (folder: string) => boolean;

const passing = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

/**
 * Asks the system, and then makes and removes a file: permissions alone say nothing about network drives, and nothing
 * to root. A full disk or too many open files count as writable: they pass, and the write itself tells them better.
 */
export const canWriteTo: WritableProbe = (folder) => {
  const existing = nearestExisting(folder);
  try {
    accessSync(existing, constants.W_OK);
    const path = join(existing, temporaryName());
    closeSync(openSync(path, 'wx'));
    unlinkSync(path);
    return true;
  } catch (error) {
    return passing.has(errorCode(error));
  }
};

function nearestExisting(folder: string): string {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}
