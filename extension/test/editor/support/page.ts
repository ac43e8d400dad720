import { createRequire } from 'node:module';
import type { Browser, BrowserType, ConsoleMessage, Page } from 'playwright-core';
import { findChromium } from '../../../../scripts/lib/editor/chromium.ts';
import { findCodeServer } from '../../../../scripts/lib/editor/codeServer.ts';

interface Playwright {
  chromium: BrowserType;
}

const requireHere = createRequire(import.meta.url);

function findPlaywright(): Playwright | null {
  try {
    return requireHere('playwright-core') as Playwright;
  } catch {
    return null;
  }
}

/** Why no real editor can be opened here, as a sentence for a skipped test; null when one can. */
export function missingForEditor(): string | null {
  if (findPlaywright() === null) return 'playwright-core is not installed: run "npm run setup".';
  if (findCodeServer() === null) return 'code-server is not installed: "npm test" installs it.';
  if (findChromium() === null) return 'No Chromium, Chrome or Edge was found: install one.';
  return null;
}

/** Window sizes in CSS pixels; in the narrow one an editor beside the side bar is about 300 wide. */
export const windowSizes = {
  wide: { width: 1440, height: 900 },
  narrow: { width: 620, height: 900 },
} as const;

export type WindowSize = keyof typeof windowSizes;

/** An element as functions that run in the page see it; tests know nothing of browsers. */
export interface PageElement {
  readonly textContent: string | null;
  readonly className: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** A line that the page printed as an error. */
export interface ConsoleError {
  text: string;
  url: string;
}

/** Messages of VS Code itself, most of them because nothing outside this machine answers. */
const knownNoise: readonly RegExp[] = [
  /net::ERR_(NAME_NOT_RESOLVED|INTERNET_DISCONNECTED|CONNECTION_REFUSED|TIMED_OUT)/,
  /getaddrinfo|open-vsx\.org|api\.github\.com|extensions? gallery/i,
  /authentication provider '\w+' to register/,
  /Failed to register a ServiceWorker for scope .*_static\/out\/browser\/serviceWorker\.js/,
  /A bad HTTP response code \(404\) was received when fetching the script/,
  // What VS Code says of itself where the machine is too busy for its own time limits.
  /Aborted onWillSaveTextDocument-event|Request \d+ timed out/,
  // Reads of its own settings, and lines of its own log, that a reload cut short.
  /Unable to write file 'vscode-log:[^']*' \(Error: IndexedDB database '[^']*' is closed/,
  /Unable to read file '[^']*\.vscode\/[^']*' \(Canceled/,
  // VS Code's tree, if items change while it reads their children (microsoft/vscode#170478 and others).
  /TreeError \[[\w.]+\] Data tree node not found/,
  /\[lifecycle\] Long running operations during shutdown/,
  /WebGL|GPU stall|GroupMarkerNotSet/i,
];

/** Files that code-server asks for and does not have. A missing file of a webview is not among them. */
const knownMissing =
  /\/(_static|mint-key|manifest\.json|favicon|vsda|update\/check)|workbench\/services\/|\.map$|\/static\/(node_modules|out)\//;

function isNoise(error: ConsoleError, extra: readonly RegExp[]): boolean {
  if (error.text.startsWith('Failed to load resource') && knownMissing.test(error.url)) return true;
  return [...knownNoise, ...extra].some((pattern) => pattern.test(error.text));
}

/** A page in a browser without a window, with the errors that it printed. */
export interface TestPage {
  page: Page;
  /** Every error since the start, known noise left out. Uncaught exceptions are among them. */
  consoleErrors(ignore?: readonly RegExp[]): readonly ConsoleError[];
  /** The last lines of the console, noise included. */
  consoleTail(lines?: number): string;
  close(): Promise<void>;
}

/**
 * Stops the endless animations of VS Code, such as the spinning icon of a training: without a graphics card, each of their
 * frames is drawn by the processor.
 */
const stillStyles = `{
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('.codicon-modifier-spin, .progress-bit { animation: none !important; }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}`;

/** One for all pages of this process, with which it ends. */
let browser: Promise<Browser> | undefined;

/**
 * Opens a page in a profile of its own, without anything of the pages before it.
 * @throws Error when playwright-core or a browser is missing; ask `missingForEditor` first.
 */
export async function openPage(size: WindowSize = 'wide'): Promise<TestPage> {
  const playwright = findPlaywright();
  const executablePath = findChromium();
  if (playwright === null || executablePath === null) throw new Error(missingForEditor() ?? 'No browser.');
  // Inside a container Chromium's own sandbox and its small shared memory do not work.
  const args = [
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--disable-gpu',
    '--force-color-profile=srgb',
    '--lang=en-US',
  ];
  browser ??= playwright.chromium.launch({ executablePath, args, headless: true });
  const context = await (
    await browser
  ).newContext({ viewport: windowSizes[size], locale: 'en-US', deviceScaleFactor: 1 });
  await context.addInitScript(stillStyles);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  // Generous, for a machine that does other work as well; whatever is there at once is not waited for.
  page.setDefaultTimeout(120_000);
  page.setDefaultNavigationTimeout(120_000);
  const lines: string[] = [];
  const errors: ConsoleError[] = [];
  page.on('console', (message: ConsoleMessage) => {
    lines.push(`[${message.type()}] ${message.text()}`);
    if (message.type() === 'error') errors.push({ text: message.text(), url: message.location().url });
  });
  page.on('pageerror', (error: Error) => {
    lines.push(`[exception] ${error.stack ?? error.message}`);
    errors.push({ text: `Uncaught: ${error.message}`, url: '' });
  });
  // A reload with unsaved editors asks; a test has meant it.
  page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
  return {
    page,
    consoleErrors: (ignore = []) => errors.filter((error) => !isNoise(error, ignore)),
    consoleTail: (count = 60) => lines.slice(-count).join('\n'),
    close: () => context.close(),
  };
}
