/**
 * Builds the metrics page, opens it in Chromium, checks what only a browser can show (zoom and pointer stay while new
 * data come, no sideways scrolling), and takes pictures of its states.
 * Usage: node webview/test-pages/metricsShots.mjs <folder for the pictures> [names, separated by commas]
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { webviewBuild } from '../../scripts/lib/webviewBuild.ts';
import { pageHtml, themes } from './themes.mjs';
import { moreTokens } from './metricsTokens.mjs';

const hover = (chart, share) => async (page) => {
  const box = await page.locator('.u-over').nth(chart).boundingBox();
  await page.mouse.move(box.x + box.width * share, box.y + box.height * 0.6);
};
const drag = async (page, chart, from, to) => {
  const box = await page.locator('.u-over').nth(chart).boundingBox();
  await page.mouse.move(box.x + box.width * from, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, box.y + 60, { steps: 5 });
  await page.mouse.up();
};
const reasonable = (text) => {
  if (text === null || text === '') throw new Error('The tooltip is empty.');
  return text;
};
const tables = (...names) => `view=${encodeURIComponent(JSON.stringify({ tables: names }))}`;

/** Keeps zoom and pointer while a training goes on, and walks with the keyboard. */
async function live(page) {
  await drag(page, 0, 0.2, 0.6);
  await hover(0, 0.5)(page);
  const before = reasonable(await page.locator('.tooltip strong').textContent());
  await page.evaluate(() => window.trainTo(24));
  await page.waitForTimeout(100);
  const after = reasonable(await page.locator('.tooltip strong').textContent());
  if (before !== after) throw new Error(`The pointer went from ${before} to ${after}.`);
  if ((await page.locator('.chart-reset').count()) !== 1) throw new Error('The zoom was lost.');
  await page.locator('.card .chart-canvas').nth(1).focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  const said = await page.locator('.card .chart-canvas').nth(1).getAttribute('aria-valuetext');
  if (!said.startsWith('Epoch 3, ')) throw new Error(`The keyboard points at ${said}.`);
  await page.evaluate(() => window.trainTo(27));
  await page.waitForTimeout(100);
  const still = await page.locator('.card .chart-canvas').nth(1).getAttribute('aria-valuetext');
  if (said !== still) throw new Error(`The keyboard went from ${said} to ${still}.`);
}

const shots = [
  { name: 'running-dark' },
  { name: 'running-light', theme: 'light' },
  { name: 'running-contrast', theme: 'high-contrast' },
  { name: 'running-contrast-light', theme: 'high-contrast-light' },
  { name: 'running-dark-700', size: [700, 900] },
  { name: 'running-light-360', theme: 'light', size: [360, 800], full: true },
  { name: 'running-dark-320', size: [320, 800], full: true },
  { name: 'finished-light', theme: 'light', query: 'state=finished', full: true, act: hover(3, 0.62) },
  { name: 'finished-dark-wide', size: [1800, 1000], query: 'state=finished', act: hover(0, 0.97) },
  { name: 'live-zoom', act: live },
  {
    name: 'minutes',
    query: `state=finished&view=${encodeURIComponent('{"axis":"minutes"}')}`,
    full: true,
    act: hover(3, 0.05),
  },
  { name: 'tables-light', theme: 'light', full: true, query: `state=finished&${tables('losses', 'map', 'learning')}` },
  {
    name: 'tables-contrast-360',
    theme: 'high-contrast',
    size: [360, 800],
    full: true,
    query: `state=finished&${tables('map', 'learning')}`,
  },
  { name: 'rough-dark', query: 'state=rough', full: true, act: hover(3, 0.9) },
  { name: 'first-light', theme: 'light', query: 'state=first', full: true },
  { name: 'starting-dark', query: 'state=starting', full: true },
  { name: 'single-light', theme: 'light', query: 'state=single', full: true },
  { name: 'failed-dark', query: 'state=failed', full: true },
  { name: 'long-light', theme: 'light', query: 'state=long', full: true },
  { name: 'elsewhere-light-700', theme: 'light', query: 'state=elsewhere', size: [700, 900], full: true },
  { name: 'empty-dark', query: 'state=empty' },
  {
    name: 'error-dark',
    act: async (page) => {
      await page.getByRole('button', { name: 'Export best model' }).click();
    },
  },
  {
    name: 'theme-change',
    act: async (page) => {
      await page.evaluate(
        ([style, className]) => {
          document.documentElement.setAttribute('style', style);
          document.body.className = className;
        },
        [variables('light'), themes.light.bodyClass],
      );
    },
  },
  {
    name: 'hidden-run-open',
    theme: 'light',
    act: async (page) => {
      await page.locator('.legend-item').first().click();
      await page.locator('vscode-dropdown').click();
    },
  },
];

function variables(theme) {
  const html = pageHtml(theme, { style: '', script: '' });
  return `${/<html [^>]*style="([^"]*)"/.exec(html)[1].replaceAll('&quot;', '"')} ${moreTokens(theme)}`;
}

const [target, filter = ''] = process.argv.slice(2);
if (target === undefined) throw new Error('Say where the pictures shall go.');
mkdirSync(target, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'metrics-page-'));
await build({ ...webviewBuild({ metricsPage: 'webview/test-pages/metricsPage.tsx' }), outdir: folder });
for (const theme of [...Object.keys(themes), 'high-contrast-light']) {
  const known = theme in themes ? theme : 'light';
  const html = pageHtml(known, { style: 'metricsPage.css', script: 'metricsPage.js' })
    .replace(
      /style="[^"]*"/,
      `style="${(theme in themes ? variables(theme) : `${variables('light')} ${moreTokens(theme)}`).replaceAll('"', '&quot;')}"`,
    )
    .replace(
      'class="vscode-light"',
      theme === 'high-contrast-light'
        ? 'class="vscode-high-contrast vscode-high-contrast-light"'
        : 'class="vscode-light"',
    );
  writeFileSync(join(folder, `${theme}.html`), html);
}
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
let failures = 0;
const complain = (shot, text) => {
  failures += 1;
  console.error(`${shot.name}: ${text}`);
};
try {
  for (const shot of shots.filter(({ name }) => filter === '' || filter.split(',').includes(name))) {
    const [width, height] = shot.size ?? [1200, 900];
    const page = await browser.newPage({ viewport: { width, height } });
    page.setDefaultTimeout(120_000);
    page.on('pageerror', (error) => complain(shot, error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complain(shot, message.text());
    });
    await page.goto(`file://${folder}/${shot.theme ?? 'dark'}.html?${shot.query ?? ''}`, { timeout: 120_000 });
    await page.waitForSelector('.header');
    await page.waitForTimeout(300);
    if (shot.full) {
      // Full height without a sticky header in the middle.
      const full = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ width, height: Math.max(height, full) });
      await page.waitForTimeout(150);
    }
    try {
      await shot.act?.(page);
    } catch (error) {
      complain(shot, error.message);
    }
    await page.waitForTimeout(250);
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (sideways > 0) complain(shot, `scrolls sideways by ${sideways} px`);
    await page.screenshot({ path: join(target, `${shot.name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
}
process.exitCode = failures === 0 ? 0 : 1;
