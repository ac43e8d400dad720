import { existsSync } from 'node:fs';
import { lstat, readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ComputeKind } from './pip.ts';

const gigabyte = 1e9;

/** Sizes of an environment in bytes, measured with the packages of requirements.txt and rounded up. */
export interface EnvironmentSize {
  readonly download: number;
  /** After the installation; `peak` is during it, when archives and installed packages exist side by side. */
  readonly installed: number;
  readonly peak: number;
}

const withoutCuda = { download: 0.5 * gigabyte, installed: 1.6 * gigabyte, peak: 2.2 * gigabyte };

export const environmentSizes: Readonly<Record<ComputeKind, EnvironmentSize>> = {
  cpu: withoutCuda,
  default: withoutCuda,
  cuda: { download: 3 * gigabyte, installed: 6 * gigabyte, peak: 9 * gigabyte },
};

/** Free bytes for this user on the disk of a folder that may not exist yet; undefined if unknown. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  const there = existsSync(folder) ? folder : dirname(folder);
  if (there !== folder && !existsSync(there)) return freeBytes(there);
  try {
    const { bavail, bsize } = await statfs(there);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Bytes of all files below a folder. Does not follow links; unreadable files count zero. */
export async function folderSize(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await folderSize(path);
    else if (entry.isFile())
      sum += await lstat(path).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return sum;
}

/** A readable size, such as `1.6 GB`. */
export function sizeText(bytes: number): string {
  const [unit, value] = bytes >= gigabyte ? ['GB', bytes / gigabyte] : ['MB', bytes / 1e6];
  return `${unit === 'GB' && value < 10 ? value.toFixed(1) : Math.ceil(value)} ${unit}`;
}
