import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { nativePath } from '../platform/bytePaths.ts';
import { errorCode } from '../../core/systemErrors.ts';

/** Whether files can be created in a folder, or in its nearest existing parent. */
export type WritableProbe = (folder: string) => boolean;

const refusals = new Set(['EROFS', 'EACCES', 'EPERM']);

/**
 * Checks the permissions without creating a file. On network drives they may be wrong, so a write may still fail.
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
