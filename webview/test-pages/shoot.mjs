/**
 * Builds the pages, opens them in Chromium and takes pictures of their states.
 * Usage: node webview/test-pages/shoot.mjs <folder for the pictures> [filter]
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { webviewBuild } from '../../scripts/lib/webviewBuild.ts';
import { pageHtml, themes } from './themes.mjs';
import { quiet, reviewShots } from './reviewShots.mjs';

const [target, filter = ''] = process.argv.slice(2);
if (target === undefined) throw new Error('Say where the pictures shall go.');
mkdirSync(target, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'review-page-'));
await build({ ...webviewBuild({ reviewPage: 'webview/test-pages/reviewPage.tsx' }), outdir: folder });
for (const theme of Object.keys(themes)) {
  writeFileSync(join(folder, `${theme}.html`), pageHtml(theme, { style: 'reviewPage.css', script: 'reviewPage.js' }));
}
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  for (const shot of reviewShots.filter(({ name }) => name.includes(filter))) {
    const [width, height] = shot.size ?? [1200, 800];
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: shot.density ?? 1 });
    page.setDefaultTimeout(180_000);
    page.on('pageerror', (error) => console.error(`${shot.name}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(`${shot.name}: ${message.text()}`);
    });
    await page.goto(`file://${folder}/${shot.theme ?? 'dark'}.html?${shot.query ?? ''}`);
    await page.waitForFunction(() => document.querySelector('.review-header, .screen') !== null);
    await quiet(page);
    await shot.act?.(page);
    await page.waitForTimeout(250);
    await page.screenshot({ path: join(target, `${shot.name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
}
