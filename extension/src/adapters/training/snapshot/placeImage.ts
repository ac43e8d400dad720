import { errorCode } from '../../../core/systemErrors.ts';
import { type FileOps } from '../../python/fileOps.ts';
import { unusable, type ImagePlacement } from './imageFile.ts';

/** Writes the pixels that scoring uses for an image as a PNG. */
export type WritePng = (source: string, target: string) => Promise<void>;

/**
 * Places an image at `path` for the trainer. Replaces an existing file instead of writing to it: it may be a link to the
 * user's own file.
 * @throws errors of `writePng`.
 */
export async function placeImage(
  files: FileOps,
  placement: ImagePlacement,
  path: string,
  writePng: WritePng | undefined,
): Promise<void> {
  const { realPath, reading } = placement;
  if (reading === 'as-it-is' && (await isLinkTo(files, path, realPath))) return;
  await files.rm(path, { force: true });
  if (reading === 'decoded') {
    if (writePng === undefined) throw unusable(realPath, 'cannot be used without decoding it');
    await writePng(realPath, path);
    return;
  }
  if (reading === 'as-it-is' && (await tryLink(files, realPath, path))) return;
  if (reading === 'as-it-is') await files.copyFile(realPath, path);
  else await files.writeFile(path, Buffer.concat([await files.readFile(realPath), endMark]));
}

const endMark = Buffer.from([0xff, 0xd9]);

async function isLinkTo(files: FileOps, path: string, target: string): Promise<boolean> {
  try {
    const there = await files.lstat(path, { bigint: true });
    if (there.isSymbolicLink()) return (await files.readlink(path)) === target;
    const wanted = await files.stat(target, { bigint: true });
    // Some network drives have no file numbers and report 0 for every file.
    return there.ino === wanted.ino && there.dev === wanted.dev && there.ino !== 0n;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * A hard link survives a rename of the original; a symbolic one crosses file systems. Errors of a full or read-only
 * disk are thrown; every other error means that links do not work here.
 */
async function tryLink(files: FileOps, target: string, path: string): Promise<boolean> {
  for (const link of [files.link, files.symlink]) {
    try {
      await link(target, path);
      return true;
    } catch (error) {
      if (['ENOSPC', 'EDQUOT', 'EROFS', 'ENOENT'].includes(errorCode(error))) throw error;
    }
  }
  return false;
}
