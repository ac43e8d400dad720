// Makes the pictures of the README from those that the journey test takes in a real editor: smaller, and with few colors.
// Usage: npm run pictures -- [folder of the journey's pictures]; without it, the journey is run first.
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { cacheFolder } from './lib/editor/paths.ts';
import { node, root, tool } from './begin/paths.mjs';
import { environment, run } from './begin/shell.mjs';

if (process.argv[2] === undefined) {
  const args = [tool('vitest'), 'run', '--project', 'editor', 'journey'];
  const code = await run(node, args, { env: environment({ AL_PICTURES: '1' }) });
  if (code !== 0) throw new Error('The journey failed; its output is above.');
}
const folder = resolve(process.argv[2] ?? join(cacheFolder(), 'editor-tests', 'journey'));
const width = 1200;
/** File in media/, picture of the journey, and how much of its height, in pixels from the top. */
const pictures: readonly (readonly [file: string, source: string, height: number])[] = [
  ['review', '09-review-dark', 900],
  ['metrics', '14-metrics-tall', 1150],
  ['session', '04-settings-tall', 650],
];

for (const [name, source, height] of pictures) {
  const { size } = await sharp(join(folder, `${source}.png`))
    .extract({ left: 0, top: 0, width: 1440, height })
    .resize({ width })
    .png({ palette: true, quality: 85, effort: 10, compressionLevel: 9 })
    .toFile(join(root, 'media', `${name}.png`));
  console.log(`media/${name}.png: ${Math.round(size / 1000)} kB`);
}

/** The moving picture of a review: picture of the journey, what it shows, and for how many milliseconds. */
const review: readonly (readonly [source: string, caption: string, milliseconds: number])[] = [
  ['09-review', 'An image that the model is unsure about, and why', 2600],
  ['10-dragging', 'Drag a corner to correct a box', 1800],
  ['11-compared', 'W · compare with the predictions', 2200],
  ['11-corrected', 'A · accept, with corrections', 1800],
  ['12-reject', 'R · reject; one more key for the reason', 2400],
  ['13-images', 'All images as pictures: filter, sort, judge many at once', 2600],
  ['13-done', 'All reviewed: train again', 2200],
];
/** A visitor waits for no more. */
const maxBytes = 1_500_000;

async function captioned([source, caption]: readonly [string, string, number]): Promise<Buffer> {
  const [size, band] = [{ width: 1440, height: 900 }, 60];
  const text =
    Buffer.from(`<svg width="${size.width}" height="${band}"><rect width="100%" height="100%" fill="#0b63c5"/>
    <text x="50%" y="40" font-family="sans-serif" font-size="28" fill="#fff" text-anchor="middle">${caption}</text></svg>`);
  const framed = await sharp(join(folder, `${source}-dark.png`))
    .extend({ bottom: band, background: '#0b63c5' })
    .composite([{ input: text, left: 0, top: size.height }])
    .png()
    .toBuffer();
  return sharp(framed).resize({ width }).png().toBuffer();
}

const frames = await Promise.all(review.map((frame) => captioned(frame)));
const { size: bytes } = await sharp(frames, { join: { animated: true } })
  .webp({ quality: 80, effort: 6, delay: review.map(([, , milliseconds]) => milliseconds), loop: 0 })
  .toFile(join(root, 'media', 'review.webp'));
console.log(`media/review.webp: ${Math.round(bytes / 1000)} kB`);
if (bytes > maxBytes) throw new Error(`media/review.webp is larger than ${maxBytes} bytes.`);
