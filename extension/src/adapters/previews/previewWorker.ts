// Converts one image (first argument) to a JPEG (second argument) with exactly the pixels that the model sees.
import sharp from 'sharp';
import { decodeRgb } from '../files/images/decodeImage.ts';
import { writeAtomic } from '../platform/atomicWrite.ts';

// Copies are private, like all files of the sessions.
process.umask(0o077);
const [source = '', target = ''] = process.argv.slice(2);
try {
  const { data, width, height } = await decodeRgb(source);
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();
  await writeAtomic(target, jpeg);
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// Disconnect, so that this process exits.
if (process.connected) process.disconnect();
