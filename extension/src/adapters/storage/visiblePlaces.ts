import { realpath } from 'node:fs/promises';
import { posix, win32 } from 'node:path';

/** Whether a path is one of the folders or below one. Compares only text. */
export function isBelow(
  folders: readonly string[],
  path: string,
  platform: NodeJS.Platform = process.platform,
): boolean {
  const { isAbsolute, relative, resolve, sep } = platform === 'win32' ? win32 : posix;
  if (!isAbsolute(path)) return false;
  return folders.some((folder) => {
    const way = relative(resolve(folder), resolve(path));
    return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
  });
}

/**
 * Whether the real path of a file is below one of the folders. Compares the text first, so that other paths are never
 * accessed: on Windows, checking a file on another machine sends the user's name and a hash of the password. A missing
 * file is compared only as text.
 */
export async function isReallyBelow(folders: readonly string[], path: string): Promise<boolean> {
  if (!isBelow(folders, path)) return false;
  const real = await realpath(path).catch(() => null);
  if (real === null) return true;
  const realFolders = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return isBelow(realFolders, real);
}
