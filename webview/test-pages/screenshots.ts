import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { webviewBuild } from '../../scripts/lib/webviewBuild.ts';

/** Folder of the stored screenshots. */
export const storedScreenshots = join(import.meta.dirname, 'screenshots');

const address = 'http://pages.test/';
const fonts = join(import.meta.dirname, '..', '..', 'node_modules', '@fontsource', 'dejavu-sans', 'files');

const contentTypes: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };

/**
 * The colours of VS Code's own themes, as a webview gets them: in its developer tools they are the style of the root
 * element. Only those that the pages use.
 */
const themes = JSON.parse(readFileSync(join(import.meta.dirname, 'themes.json'), 'utf8')) as Readonly<
  Record<ThemeName, { readonly bodyClass: string; readonly variables: Readonly<Record<string, string>> }>
>;

type ThemeName = 'light' | 'dark' | 'highContrast';

export interface Shot {
  readonly name: string;
  readonly page: 'reviewPage' | 'metricsPage' | 'gridPage';
  readonly theme: ThemeName;
  readonly query?: string;
  /** Width and height in CSS pixels. */
  readonly size?: readonly [width: number, height: number];
  readonly act?: (page: Page) => Promise<void>;
}

const press =
  (...keys: string[]) =>
  async (page: Page): Promise<void> => {
    for (const key of keys) {
      await page.keyboard.press(key);
      await untilIdle(page);
    }
  };
const click =
  (name: string) =>
  async (page: Page): Promise<void> =>
    page.getByRole('button', { name }).click();
/** Chooses three images and moves on. */
const chooseSome = async (page: Page): Promise<void> => {
  await page.locator('[data-place="1"]').click();
  await press('Shift+ArrowRight', 'ArrowDown', ' ', 'ArrowRight')(page);
};
const tables = `view=${encodeURIComponent(JSON.stringify({ tables: ['losses', 'map', 'learning'] }))}`;
const narrow = [360, 640] as const;

/** The states of the pages whose screenshots are stored. */
export const shots: readonly Shot[] = [
  { name: 'review-light', page: 'reviewPage', theme: 'light', act: press('.', 'e', 'Shift+ArrowRight') },
  { name: 'review-dark', page: 'reviewPage', theme: 'dark', act: press('.', '.') },
  { name: 'review-high-contrast', page: 'reviewPage', theme: 'highContrast', act: press('.', '.') },
  { name: 'review-narrow', page: 'reviewPage', theme: 'dark', size: narrow },
  {
    name: 'review-light-sheet',
    page: 'reviewPage',
    theme: 'light',
    size: narrow,
    act: click('Brightness and contrast'),
  },
  { name: 'review-reject', page: 'reviewPage', theme: 'dark', act: press('a', 'r') },
  { name: 'review-class', page: 'reviewPage', theme: 'light', act: press('.', '.', 'c') },
  {
    name: 'review-compare',
    page: 'reviewPage',
    theme: 'light',
    act: press('w', '.', '2', '.', 'e', 'Shift+ArrowRight', 'Shift+ArrowDown', '.', 'Delete'),
  },
  {
    name: 'review-confident',
    page: 'reviewPage',
    theme: 'dark',
    act: async (page) => {
      await press('Shift+A')(page);
      await page.getByRole('slider', { name: 'Lowest confidence' }).fill('30');
      await page.getByRole('button', { name: 'part_00402.jpg' }).click();
    },
  },
  { name: 'review-keys', page: 'reviewPage', theme: 'highContrast', act: press('?') },
  {
    name: 'review-error',
    page: 'reviewPage',
    theme: 'light',
    act: async (page) => {
      await page.evaluate('failNext()');
      await press('a')(page);
    },
  },
  { name: 'review-read-only', page: 'reviewPage', theme: 'dark', query: 'read-only' },
  { name: 'review-done', page: 'reviewPage', theme: 'light', query: 'samples=4', act: press('a', 'x', 'b', 's') },
  { name: 'grid-light', page: 'gridPage', theme: 'light', act: chooseSome },
  { name: 'grid-dark', page: 'gridPage', theme: 'dark', act: chooseSome },
  { name: 'grid-high-contrast', page: 'gridPage', theme: 'highContrast', act: chooseSome },
  { name: 'grid-narrow', page: 'gridPage', theme: 'dark', size: [400, 640] },
  {
    name: 'grid-report',
    page: 'gridPage',
    theme: 'dark',
    act: async (page) => {
      await chooseSome(page);
      await press('x')(page);
    },
  },
  { name: 'grid-empty', page: 'gridPage', theme: 'light', query: 'images=0' },
  { name: 'metrics-light', page: 'metricsPage', theme: 'light' },
  { name: 'metrics-dark', page: 'metricsPage', theme: 'dark', query: 'state=finished' },
  { name: 'metrics-high-contrast', page: 'metricsPage', theme: 'highContrast', query: 'state=failed' },
  { name: 'metrics-narrow', page: 'metricsPage', theme: 'light', size: narrow, query: 'state=rough' },
  { name: 'metrics-tables', page: 'metricsPage', theme: 'dark', query: `state=finished&${tables}` },
  { name: 'metrics-error', page: 'metricsPage', theme: 'dark', act: click('Export best model') },
  { name: 'metrics-empty', page: 'metricsPage', theme: 'highContrast', query: 'state=empty' },
  // The last one: the key and the pointer stay where they are.
  {
    name: 'review-hidden',
    page: 'reviewPage',
    theme: 'highContrast',
    act: async (page) => {
      await page.keyboard.down('g');
      await page.mouse.move(430, 380);
    },
  },
];

/** Waits until the page has answered all input and drawn it. */
async function untilIdle(page: Page): Promise<void> {
  await page.waitForFunction('isIdle()');
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

/** The page's HTML with a theme and a font that are the same on every machine. */
function pageHtml(name: string, theme: ThemeName): string {
  const { bodyClass, variables } = themes[theme];
  const all = { ...variables, 'font-family': 'Pages', 'font-size': '13px', 'font-weight': 'normal' };
  const style = Object.entries(all).map(([variable, value]) => `--vscode-${variable}: ${value};`);
  const faces = [400, 700].map(
    (weight) => `@font-face { font-family: Pages; font-weight: ${weight}; src: url(${weight}.woff2); }`,
  );
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>
<style>${faces.join(' ')} :root { ${style.join(' ')} }</style><link rel="stylesheet" href="${name}.css"></head>
<body class="${bodyClass}" data-vscode-theme-kind="${bodyClass.split(' ')[0]}"><div id="root"></div><script type="module" src="${name}.js"></script></body></html>`;
}

/** Loads the fonts. A canvas uses another font while they are loading. */
const loadFonts = `Promise.all(['13px Pages', 'bold 13px Pages'].map((font) => document.fonts.load(font))).then(() => null)`;

/** The pages with hosts in memory, in a browser. Close them when they are no longer needed. */
export class TestPages {
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  /** @param executablePath a Chromium, Chrome or Edge. @param further files for the pages, by name. */
  static async start(executablePath: string, further: ReadonlyMap<string, Buffer> = new Map()): Promise<TestPages> {
    const entries = {
      reviewPage: 'webview/test-pages/reviewPage.tsx',
      metricsPage: 'webview/test-pages/metricsPage.tsx',
      gridPage: 'webview/test-pages/gridPage.tsx',
    };
    const { outputFiles = [] } = await build({ ...webviewBuild(entries), plugins: [], write: false });
    const files = new Map([
      ...outputFiles.map(({ path, contents }): [string, Buffer] => [basename(path), Buffer.from(contents)]),
      ...further,
    ]);
    for (const weight of [400, 700]) {
      files.set(`${weight}.woff2`, readFileSync(join(fonts, `dejavu-sans-latin-${weight}-normal.woff2`)));
    }
    const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--force-color-profile=srgb'];
    const rendering = ['--font-render-hinting=none', '--disable-lcd-text'];
    const browser = await chromium.launch({ executablePath, args: [...args, ...rendering] });
    const page = await browser.newPage({ reducedMotion: 'reduce', locale: 'en-US' });
    await page.route(`${address}**`, async (route) => {
      const { pathname, searchParams } = new URL(route.request().url());
      const name = basename(pathname);
      if (name.endsWith('.html')) {
        const body = pageHtml(basename(name, '.html'), searchParams.get('theme') as ThemeName);
        return route.fulfill({ contentType: 'text/html', body });
      }
      const body = files.get(name);
      if (body === undefined) return route.fulfill({ status: 204 });
      if (Object.hasOwn(entries, basename(name, '.js'))) await page.evaluate(loadFonts);
      return route.fulfill({ contentType: contentTypes[extname(name)] ?? 'application/octet-stream', body });
    });
    return new TestPages(browser, page);
  }

  /**
   * Opens a page and brings it into the state of a shot.
   * @throws Error if the page reports an error or scrolls horizontally.
   */
  async open({ name, page: file, theme, query, size, act }: Shot): Promise<Page> {
    const page = this.#page;
    const errors: string[] = [];
    const onError = (error: Error): unknown => errors.push(error.message);
    page.on('pageerror', onError);
    const [width, height] = size ?? [900, 600];
    await page.setViewportSize({ width, height });
    await page.goto(`${address}${file}.html?theme=${theme}&${query ?? ''}`);
    await untilIdle(page);
    await act?.(page);
    await untilIdle(page);
    page.off('pageerror', onError);
    const hidden = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (hidden !== 0) errors.push(`The page scrolls horizontally by ${String(hidden)} pixels.`);
    if (errors.length > 0) throw new Error(`${name}: ${errors.join('; ')}`);
    return page;
  }

  /** @returns the screenshot of a shot as PNG. */
  async screenshot(shot: Shot): Promise<Buffer> {
    const page = await this.open(shot);
    return page.screenshot({ animations: 'disabled', caret: 'hide' });
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
