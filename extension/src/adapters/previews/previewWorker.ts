// Converts one image (first argument) to a JPEG (second argument) with exactly the pixels that the model sees.
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { decodeRgb } from '../files/decodeImage.ts';
import { temporaryName } from '../platform/temporaryFiles.ts';

// The copy is as private as everything else of the sessions.
process.umask(0o077);
const [source = '', target = ''] = process.argv.slice(2);
const temporary = join(dirname(target), temporaryName());
try {
  const { data, width, height } = await decodeRgb(source);
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();
  // Never through a link that stands in its place.
  await writeFile(temporary, jpeg, { flag: 'wx' });
  await rename(temporary, target);
} catch (error) {
  await rm(temporary, { force: true });
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// A parent that is gone must not keep this process.
if (process.connected) process.disconnect();
