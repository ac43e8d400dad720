import { realpath } from 'node:fs/promises';
import { posix, win32 } from 'node:path';

/**
 * Whether a path leads to another machine, or to a device: asking Windows whether it is there already sends the user's
 * name and a hash of the password. Decided by the text alone.
 */
export function isNetworkPath(path: string, platform: NodeJS.Platform = process.platform): boolean {
  if (platform !== 'win32') return false;
  // \\server\share, //server/share, \\?\UNC\server\share, \\.\pipe\name; \\?\C:\ is a drive of this machine.
  return /^[\\/]{2}/u.test(path) && !/^[\\/]{2}\?[\\/][a-z]:([\\/]|$)/iu.test(path);
}

/** Whether a path lies in one of the folders, or is one. Decided by the text alone. */
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
 * Whether a file really lies in one of the folders, links followed. The text decides first, so that a path elsewhere is
 * not touched. A file that is not there counts by its text.
 */
export async function isReallyBelow(folders: readonly string[], path: string): Promise<boolean> {
  if (!isBelow(folders, path)) return false;
  const real = await realpath(path).catch(() => null);
  if (real === null) return true;
  const realFolders = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return isBelow(realFolders, real);
}
