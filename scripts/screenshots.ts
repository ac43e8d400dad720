// Takes the screenshots of the pages that a test compares with new ones, and stores them.
// Usage: npm run screenshots
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { shots, storedScreenshots, TestPages } from '../webview/test-pages/screenshots.ts';
import { ensureChromium } from './lib/editor/chromium.ts';

const pages = await TestPages.start(await ensureChromium());
try {
  rmSync(storedScreenshots, { recursive: true, force: true });
  mkdirSync(storedScreenshots);
  let bytes = 0;
  for (const shot of shots) {
    const png = await sharp(await pages.screenshot(shot))
      .removeAlpha()
      .png({ compressionLevel: 9, effort: 10 })
      .toBuffer();
    writeFileSync(join(storedScreenshots, `${shot.name}.png`), png);
    bytes += png.length;
  }
  console.log(`${shots.length} screenshots, ${Math.round(bytes / 1000)} kB, are in ${storedScreenshots}.`);
} finally {
  await pages.close();
}
