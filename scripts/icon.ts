// Renders media/icon.svg to the PNG that the Marketplace and the extension list show.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from './begin/paths.mjs';

const size = 256;
await sharp(readFileSync(join(root, 'media', 'icon.svg')), { density: 144 })
  .resize(size, size)
  .png({ compressionLevel: 9 })
  .toFile(join(root, 'media', 'icon.png'));
console.log(`media/icon.png, ${size} × ${size} pixels`);
