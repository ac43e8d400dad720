import type { ZipEntry } from './zip.mjs';

export const sizeLimit: number;
export function packVsix(options: {
  readonly target: string;
  readonly file: string;
  readonly preRelease?: boolean;
}): Promise<{ readonly path: string; readonly entries: readonly ZipEntry[]; readonly size: number }>;
