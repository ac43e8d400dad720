import { isAbsolute, relative } from 'node:path';

/** Whether a path lies below a folder, and is not the folder itself. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}
