import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { nativePath } from '../platform/bytePaths.ts';
import { errorCode } from '../../core/systemErrors.ts';

/** Whether files can be made in a folder, or in the nearest parent that exists. */
export type WritableProbe = (folder: string) => boolean;

const refusals = new Set(['EROFS', 'EACCES', 'EPERM']);

/**
 * Asks the system, and leaves no trace: no file is made to find out. Network drives may promise more than they keep, so
 * that a write may still be refused.
 */
export const canWriteTo: WritableProbe = (folder) => {
  try {
    accessSync(nativePath(nearestExisting(folder)), constants.W_OK);
    return true;
  } catch (error) {
    return !refusals.has(errorCode(error));
  }
};

function nearestExisting(folder: string): string {
  let at = folder;
  while (!existsSync(nativePath(at)) && dirname(at) !== at) at = dirname(at);
  return at;
}
