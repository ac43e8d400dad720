import { errorCode } from '../../../core/systemErrors.ts';
import { type FileOps } from '../../python/fileOps.ts';
import { unusable, type ImagePlacement } from './imageFile.ts';

/** Writes the pixels of an image, as scoring sees them, as a PNG. */
export type WritePng = (source: string, target: string) => Promise<void>;

/**
 * Puts an image to `path` as the trainer is to read it. Never writes through what stands there: it may be a link to the
 * user's own file.
 * @throws what `writePng` throws.
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
    if (writePng === undefined) throw unusable(realPath, 'would have to be decoded');
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
    // Some network drives know no file numbers and tell 0 for all.
    return there.ino === wanted.ino && there.dev === wanted.dev && there.ino !== 0n;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * A hard link outlives a rename of the original; a symbolic one crosses file systems. A disk that is full or
 * read-only is told as such, every other refusal means that links do not work here.
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
