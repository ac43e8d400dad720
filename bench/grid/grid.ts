// How smoothly the grid of images scrolls, and what a frame costs.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import sharp from 'sharp';
import { ensureChromium } from '../../scripts/lib/editor/chromium.ts';
import { TestPages } from '../../webview/test-pages/screenshots.ts';

const limits = { gridFps: 50 };
/** So many different pictures; more images share them. */
const pictures = 64;
/** Pixels a frame: a fast wheel. */
const step = 170;
const size = [1100, 800] as const;

/** Scrolls in each of these frames, and returns how many milliseconds each took. */
const scroll = (frames: number): string => `new Promise((done) => {
  const scroller = document.querySelector('.scroller');
  const times = [];
  let before = performance.now();
  const frame = (now) => {
    times.push(now - before);
    before = now;
    if (times.length > ${frames}) return done(times.slice(1));
    scroller.scrollTop += ${step};
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})`;

/** Jumps to a share of the height, and returns the milliseconds until all cells on the screen have their names. */
const jump = (share: number): string => `new Promise((done) => {
  const scroller = document.querySelector('.scroller');
  const begin = performance.now();
  scroller.scrollTop = ${share} * scroller.scrollHeight;
  const check = () => {
    const { top, bottom } = scroller.getBoundingClientRect();
    const cells = [...document.querySelectorAll('.cell')].filter((cell) => {
      const place = cell.getBoundingClientRect();
      return place.bottom > top && place.top < bottom;
    });
    const isRead = cells.length > 0 && cells.every((cell) => cell.querySelector('.name').textContent !== '');
    if (isRead) done(performance.now() - begin);
    else requestAnimationFrame(check);
  };
  requestAnimationFrame(check);
})`;

type Metrics = Readonly<Record<string, number>>;

async function metricsOf(session: CDPSession): Promise<Metrics> {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** Scrolls, and measures what the browser did for it. */
async function timeScrolling(page: Page, frames: number): Promise<Readonly<Record<string, number>>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const before = await metricsOf(session);
  const times = await page.evaluate<number[]>(scroll(frames));
  const after = await metricsOf(session);
  await session.detach();
  const each = (name: string): number => round((1000 * ((after[name] ?? 0) - (before[name] ?? 0))) / frames);
  const sorted = times.toSorted((a, b) => a - b);
  return {
    gridFps: round((1000 * frames) / times.reduce((sum, time) => sum + time, 0)),
    frameP95Ms: round(sorted[Math.floor(0.95 * (frames - 1))] ?? 0),
    scriptMs: each('ScriptDuration'),
    styleMs: each('RecalcStyleDuration'),
    layoutMs: each('LayoutDuration'),
    taskMs: each('TaskDuration'),
    nodes: after['Nodes'] ?? 0,
    heapMB: round((after['JSHeapUsedSize'] ?? 0) / 1e6),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

async function thumbnails(): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (let index = 0; index < pictures; index++) {
    const noise = { type: 'gaussian' as const, mean: 90 + index, sigma: 30 };
    const picture = sharp({ create: { width: 256, height: 192, channels: 3, background: '#000', noise } });
    files.set(`thumbnail${index}.webp`, await picture.webp({ quality: 70 }).toBuffer());
  }
  return files;
}

/** Measures the page with a host in memory: what is asked of the real one does not depend on the frames. */
export async function bench(args: string[]): Promise<unknown> {
  const { values } = parseArgs({
    args,
    options: {
      images: { type: 'string', default: '100000' },
      frames: { type: 'string', default: '300' },
      json: { type: 'boolean', default: false },
    },
  });
  const [images, frames] = [Number(values.images), Number(values.frames)];
  const pages = await TestPages.start(await ensureChromium(), await thumbnails());
  try {
    const query = `images=${images}&thumbnails=${pictures}`;
    const page = await pages.open({ name: 'grid', page: 'gridPage', theme: 'dark', size, query });
    await page.evaluate(scroll(60));
    const scrolling = await timeScrolling(page, frames);
    const jumps: number[] = [];
    for (const share of [0.9, 0.1, 0.5, 0.99, 0.3, 0.7, 0.05, 0.6, 0.2]) {
      jumps.push(await page.evaluate<number>(jump(share)));
    }
    const figures = {
      images,
      ...scrolling,
      jumpMs: round(jumps.toSorted((a, b) => a - b)[4] ?? 0),
      cpu: cpus()[0]?.model,
    };
    for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(14)}${String(value)}`);
    const fps = scrolling['gridFps'] ?? 0;
    if (fps < limits.gridFps) {
      console.log(`gridFps ${fps} is below ${limits.gridFps}; where the browser draws in software, see scriptMs.`);
      process.exitCode = 1;
    }
    return figures;
  } finally {
    await pages.close();
  }
}
