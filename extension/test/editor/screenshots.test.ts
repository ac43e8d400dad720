import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../scripts/lib/editor/chromium.ts';
import { cacheFolder } from '../../../scripts/lib/editor/paths.ts';
import { shots, storedScreenshots, TestPages } from '../../../webview/test-pages/screenshots.ts';

const chromium = findChromium();
if (chromium === null) console.log('The screenshots are not compared. No Chromium, Chrome or Edge was found.');
// Other systems draw text differently.
const skipped = chromium === null || process.platform !== 'linux';

/**
 * The tolerance: how many pixels of a square of 32 × 32 may differ visibly, and which share of all pixels may differ a
 * little. Letters and curves are smoothed differently now and then; a changed digit or background is more than that.
 */
const visible = { threshold: 0.04, windowSize: 32, maxPixels: 24 };
const slight = { threshold: 0.01, maxShare: 0.01 };
const differences = join(cacheFolder(), 'screenshots');

interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

async function decode(png: Buffer): Promise<Pixels> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Compares a new screenshot with the stored one. @returns why they differ, or null. */
async function compare(name: string, png: Buffer): Promise<string | null> {
  const stored = join(storedScreenshots, `${name}.png`);
  const hint = 'If the change is intended, run "npm run screenshots".';
  if (!existsSync(stored)) return `There is no ${stored}. Run "npm run screenshots".`;
  const [before, now] = await Promise.all([decode(readFileSync(stored)), decode(png)]);
  const { width, height } = before;
  if (now.width !== width || now.height !== height)
    return `${name} is ${now.width} × ${now.height} pixels, not ${width} × ${height}. ${hint}`;
  const difference = Buffer.alloc(before.data.length);
  const share = pixelmatch(before.data, now.data, null, width, height, slight) / (width * height);
  const pixels = pixelmatch(before.data, now.data, difference, width, height, visible);
  if (pixels <= visible.maxPixels && share <= slight.maxShare) return null;
  mkdirSync(differences, { recursive: true });
  const path = join(differences, `${name}.png`);
  writeFileSync(path, png);
  const marked = path.replace('.png', '-difference.png');
  await sharp(difference, { raw: { width, height, channels: 4 } })
    .png()
    .toFile(marked);
  const amount = `${pixels} pixels in one place, and ${(share * 100).toFixed(1)}% of all pixels`;
  return `${name} differs: ${amount}. New: ${path}. Differences in red: ${marked}. ${hint}`;
}

describe.skipIf(skipped)('the pages in a browser', () => {
  let pages: TestPages;

  beforeAll(async () => {
    rmSync(differences, { recursive: true, force: true });
    pages = await TestPages.start(chromium ?? '');
  });
  afterAll(() => pages.close());

  it.each(shots)('look as stored: $name', async (shot) => {
    expect(await compare(shot.name, await pages.screenshot(shot))).toBeNull();
  });

  it.each([
    ['of a thin bar', 'progressBar-background', '#0078d4'],
    ['of the background', 'editor-background', '#fafafa'],
  ])('differ from what is stored if the colour %s changes a little', async (_part, name, colour) => {
    const set = `document.documentElement.style.setProperty('--vscode-${name}', '${colour}')`;
    const shot = { name: 'colour', page: 'metricsPage', theme: 'light' } as const;
    const png = await pages.screenshot({ ...shot, act: (page) => page.evaluate(set) });
    const message = await compare('metrics-light', png);
    expect(message).toMatch(/^metrics-light differs: .*metrics-light-difference\.png\. If /);
    for (const file of ['metrics-light.png', 'metrics-light-difference.png']) rmSync(join(differences, file));
  });

  it('keep the zoom and the selected epoch of a chart while a training continues', async () => {
    const page = await pages.open({ name: 'live', page: 'metricsPage', theme: 'dark' });
    const chart = await page.locator('.u-over').first().boundingBox();
    if (chart === null) throw new Error('There is no chart.');
    const move = (share: number): Promise<void> =>
      page.mouse.move(chart.x + chart.width * share, chart.y + 40, { steps: 3 });
    await move(0.2);
    await page.mouse.down();
    await move(0.6);
    await page.mouse.up();
    await move(0.5);
    const tooltip = await page.locator('.tooltip strong').textContent();
    expect(tooltip).toMatch(/^Epoch \d+$/);
    const canvas = page.locator('.card .chart-canvas').nth(1);
    await page.evaluate('trainTo(24)');
    await page.getByText('24 of 50').first().waitFor();
    expect(await page.locator('.tooltip strong').textContent()).toBe(tooltip);
    expect(await page.locator('.chart-reset').count()).toBe(1);
    await canvas.focus();
    for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    const selected = await canvas.getAttribute('aria-valuetext');
    expect(selected).toMatch(/^Epoch 3, /);
    await page.evaluate('trainTo(27)');
    await page.getByText('27 of 50').first().waitFor();
    expect(await canvas.getAttribute('aria-valuetext')).toBe(selected);
  });
});
