import { accessSync, closeSync, constants, existsSync, openSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode, temporaryName } from './labelFs.ts';

/** Whether files can be made in a folder, or in the nearest parent that exists. */
export type WritableProbe = (folder: string) => boolean;

/**
 * Asks the system, and then makes and removes a file: permissions alone say nothing about network drives, and nothing
 * to root. Any failure but a refusal (say, a full disk) counts as writable, since the write itself tells it better.
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
    return !['EROFS', 'EACCES', 'EPERM'].includes(errorCode(error));
  }
};

function nearestExisting(folder: string): string {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}
