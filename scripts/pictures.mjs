// Makes the pictures of the README from those that the journey test saved: smaller, and with few colours.
// Usage: node scripts/pictures.mjs [folder of the journey's pictures]
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { cacheFolder } from './lib/editor/paths.mjs';
import { root } from './lib/paths.mjs';

const folder = resolve(process.argv[2] ?? join(cacheFolder(), 'editor-tests', 'journey'));
const width = 1200;
/** File in media/, picture of the journey, and how much of its height, in pixels from the top. */
const pictures = [
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
