// What a new user waits for: the seconds from "npm start" to the first verdict, set-up and training apart.
// Usage: node extension/test/editor/journey/newUser.ts [--checkout <folder>] [--base <weights or architecture>]
// What is set-up must be there already: the checkout's node modules, code-server, a browser, and the Python of this
// checkout. The clicks and keys are those of a person who knows where to click: what is measured is the product's part.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../../../../scripts/lib/editor/paths.mjs';
import { openPage } from '../support/page.ts';
import { findWebview, Notifications, waitForPicture } from '../support/parts.ts';
import { poll } from '../support/poll.ts';
import { QuickInput } from '../support/quickInput.ts';
import { SessionData } from './sessionData.ts';
import { python } from './workspace.ts';

const limit = 900_000;
const { values } = parseArgs({
  options: { checkout: { type: 'string' }, base: { type: 'string', default: 'yolov8n.yaml' } },
});
const checkout = resolve(values.checkout ?? join(import.meta.dirname, '..', '..', '..', '..'));

/** A cache of its own, so that the editor is a new one; the installed code-server and the settings are the set-up. */
function makeCache(): string {
  const cache = mkdtempSync(join(tmpdir(), 'al-new-'));
  symlinkSync(join(cacheFolder(), 'code-server'), join(cache, 'code-server'));
  const machine = join(cache, 'editor', 'user', 'Machine');
  mkdirSync(machine, { recursive: true });
  const settings = {
    'activeLearning.python.path': python,
    'activeLearning.defaults.baseModel': values.base,
    'activeLearning.defaults.epochs': 3,
    'activeLearning.defaults.imageSize': 320,
  };
  writeFileSync(join(machine, 'settings.json'), JSON.stringify(settings));
  return cache;
}

const laps: { readonly name: string; readonly seconds: number; readonly counts: boolean }[] = [];
let last = Date.now();

/** @param counts false for set-up and training, which are told apart. */
function lap(name: string, counts = true): void {
  const now = Date.now();
  const seconds = (now - last) / 1000;
  laps.push({ name, seconds, counts });
  console.log(`${name}: ${seconds.toFixed(1)} s${counts ? '' : ' (not counted)'}`);
  last = now;
}

const cache = makeCache();
const child = spawn('npm', ['start', '--', '--editor', 'code-server', '--port', '0'], {
  cwd: checkout,
  env: { ...process.env, AL_CACHE: cache },
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
const testPage = await openPage();
try {
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  const url = await poll('the address', limit, async () => /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(printed)?.[0]);
  lap('npm start prints the address');
  const { page } = testPage;
  const quickInput = new QuickInput(page);
  const notifications = new Notifications(page);
  const data = new SessionData(join(checkout, 'sample'));

  await page.goto(url, { waitUntil: 'commit' });
  await page
    .locator('.monaco-dialog-box')
    .getByRole('button', { name: /^Yes, I trust/ })
    .click({ timeout: limit });
  lap('the window asks for trust, and gets it');
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
  await notifications.waitFor('is ready', limit);
  lap('side bar, Enter three times, the session is ready');
  await notifications.press('is ready', 'Train');
  await poll('the samples', limit, async () =>
    data.iterations().some(({ status }) => status === 'reviewing') ? true : undefined,
  );
  lap('training, scoring, choosing', false);
  await notifications.press('wait for review', 'Review');
  await waitForPicture(await findWebview(page, '.review-stage', limit));
  lap('the first image is shown');
  await page.keyboard.press('a');
  const review = await findWebview(page, '.review', limit);
  // Without a box shown, the key asks whether nothing is here.
  await page.waitForTimeout(300);
  if ((await review.locator('#root').innerText()).includes('as background?')) await page.keyboard.press('y');
  await poll('the verdict', limit, async () => (data.labelEvents().length > 0 ? true : undefined), 20);
  lap('the first verdict is on disk');
  const counted = laps.filter(({ counts }) => counts).reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(JSON.stringify({ secondsToFirstVerdict: Number(counted.toFixed(1)), laps }));
} finally {
  await testPage.close();
  // npm hands the signal on; the server ends with everything that it started.
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  await new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done(undefined)));
  rmSync(cache, { recursive: true, force: true, maxRetries: 5 });
}
