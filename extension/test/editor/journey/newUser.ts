// What a new user waits for: the seconds from "npm start" to the first verdict, set-up and training apart.
// What is set-up is there already: the checkout's node modules, code-server, a browser, and the Python of this checkout.
// The clicks and keys are those of a person who knows where to click: what is measured is the product's part.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { cacheFolder } from '../../../../scripts/lib/editor/paths.ts';
import { openPage, type TestPage } from '../support/page.ts';
import { findWebview, Notifications, waitForPicture } from '../support/parts.ts';
import { poll } from '../support/poll.ts';
import { QuickInput } from '../support/quickInput.ts';
import { SessionData } from './sessionData.ts';
import { python } from './workspace.ts';

const limit = 900_000;

/** A cache of its own, so that the editor is a new one; the installed code-server and the settings are the set-up. */
function makeCache(baseModel: string): string {
  const cache = mkdtempSync(join(tmpdir(), 'al-new-'));
  symlinkSync(join(cacheFolder(), 'code-server'), join(cache, 'code-server'));
  const machine = join(cache, 'editor', 'user', 'Machine');
  mkdirSync(machine, { recursive: true });
  const settings = {
    'activeLearning.python.path': python,
    'activeLearning.defaults.baseModel': baseModel,
    'activeLearning.defaults.epochs': 3,
    'activeLearning.defaults.imageSize': 320,
  };
  writeFileSync(join(machine, 'settings.json'), JSON.stringify(settings));
  return cache;
}

type NpmStart = ChildProcessByStdio<null, Readable, null>;

interface Lap {
  readonly name: string;
  readonly seconds: number;
  /** False for set-up and training, which are told apart. */
  readonly counts: boolean;
}

/** Tells how long each part took, as it ends. */
class Laps {
  readonly all: Lap[] = [];
  #last = Date.now();

  end(name: string, counts = true): void {
    const now = Date.now();
    const seconds = (now - this.#last) / 1000;
    this.all.push({ name, seconds, counts });
    console.log(`${name}: ${seconds.toFixed(1)} s${counts ? '' : ' (not counted)'}`);
    this.#last = now;
  }
}

/**
 * @param args `--checkout <folder>`, by default this one, and `--base <weights or architecture>`.
 * @returns the seconds, and those of each part.
 */
export async function bench(args: string[]): Promise<{ secondsToFirstVerdict: number; laps: readonly Lap[] }> {
  const { values } = parseArgs({
    args,
    options: { checkout: { type: 'string' }, base: { type: 'string', default: 'yolov8n.yaml' } },
  });
  const checkout = resolve(values.checkout ?? join(import.meta.dirname, '..', '..', '..', '..'));
  const sessions = join(checkout, 'sample', '.active-learning');
  if (existsSync(sessions)) throw new Error(`${sessions} has sessions of before: name a fresh clone with --checkout.`);
  const cache = makeCache(values.base);
  const laps = new Laps();
  const child = spawn('npm', ['start', '--', '--editor', 'code-server', '--port', '0'], {
    cwd: checkout,
    env: { ...process.env, AL_CACHE: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let testPage: TestPage | undefined;
  try {
    testPage = await openPage();
    await walk(child, testPage.page, new SessionData(join(checkout, 'sample')), laps);
  } finally {
    await testPage?.close();
    // npm hands the signal on; the server ends with everything that it started.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    await new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done(undefined)));
    rmSync(cache, { recursive: true, force: true, maxRetries: 5 });
  }
  const counted = laps.all.filter(({ counts }) => counts).reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`From "npm start" to the first verdict, set-up and training apart: ${counted.toFixed(1)} s.`);
  return { secondsToFirstVerdict: Number(counted.toFixed(1)), laps: laps.all };
}

/** What the user does, from the address that is printed to the first verdict. */
async function walk(child: NpmStart, page: Page, data: SessionData, laps: Laps): Promise<void> {
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  const url = await poll('the address', limit, async () => /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(printed)?.[0]);
  laps.end('npm start prints the address');
  const quickInput = new QuickInput(page);
  const notifications = new Notifications(page);

  await page.goto(url, { waitUntil: 'commit' });
  await page
    .locator('.monaco-dialog-box')
    .getByRole('button', { name: /^Yes, I trust/ })
    .click({ timeout: limit });
  laps.end('the window asks for trust, and gets it');
  await page.locator('.activitybar').getByRole('tab', { name: 'Active Learning' }).first().click({ timeout: limit });
  const welcome = page.locator('.welcome-view-content .monaco-button', { hasText: 'New Training Session' });
  await welcome.first().click({ timeout: limit });
  await quickInput.waitFor(/Which images/);
  await poll('the dataset', limit, async () =>
    (await quickInput.rows()).some(({ description }) => description === 'dataset') ? true : undefined,
  );
  await quickInput.accept();
  await poll('the name', limit, async () => (await quickInput.message()).includes('name') || undefined);
  await quickInput.accept();
  await quickInput.waitFor(/Press Enter to accept/);
  await quickInput.accept();
  await notifications.waitFor('Created session', limit);
  laps.end('side bar, Enter three times, the session is ready');
  await notifications.press('Created session', 'Train Next Iteration');
  await poll('the samples', limit, async () =>
    data.iterations().some(({ status }) => status === 'reviewing') ? true : undefined,
  );
  laps.end('training, scoring, choosing', false);
  await notifications.press('are ready for review', 'Review');
  await waitForPicture(await findWebview(page, '.review-stage', limit));
  laps.end('the first image is shown');
  await page.keyboard.press('a');
  const review = await findWebview(page, '.review', limit);
  // Without a box shown, the key asks whether nothing is here.
  await page.waitForTimeout(300);
  if ((await review.locator('#root').innerText()).includes('as background?')) await page.keyboard.press('y');
  await poll('the verdict', limit, async () => (data.labelEvents().length > 0 ? true : undefined), 20);
  laps.end('the first verdict is on disk');
}
