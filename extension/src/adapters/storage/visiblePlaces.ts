import { realpath } from 'node:fs/promises';
import { posix, win32 } from 'node:path';

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
 * not touched: asking Windows whether a file of another machine is there already sends the user's name and a hash of the
 * password. A file that is not there counts by its text.
 */
export async function isReallyBelow(folders: readonly string[], path: string): Promise<boolean> {
  if (!isBelow(folders, path)) return false;
  const real = await realpath(path).catch(() => null);
  if (real === null) return true;
  const realFolders = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return isBelow(realFolders, real);
}
