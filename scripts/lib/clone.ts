// The first minute of a new user, for real: a clone with nothing installed, and nothing in its cache.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './editor/paths.ts';
import { moveFolder } from './files.ts';
import { root, windows } from '../begin/paths.mjs';
import { output } from '../begin/shell.mjs';

const limitMs = 25 * 60_000;
const address = /http:\/\/127\.0\.0\.1:\d+\/\S*/;

/** The environment of a person's terminal: without what npm or a hook of git adds, and without a cache of other checkouts. */
function terminal(): NodeJS.ProcessEnv {
  const foreign =
    /^(npm_(package|lifecycle|command|execpath|node_execpath)|(GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR)|npm_config_local_prefix|INIT_CWD|AL_CACHE|NODE)$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

const git = (...args: string[]): string | null => output('git', args, { env: terminal() });

interface NpmRun {
  /** The exit code, or the reason without one. */
  readonly ended: Promise<number | string | null>;
  printed(): string;
  stop(): void;
}

/** Runs npm in the clone. What it prints is kept, and shown line by line with a name before it. */
function npm(clone: string, name: string, args: readonly string[]): NpmRun {
  const child = spawn('npm', args, { cwd: clone, env: terminal(), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      // The address holds a key.
      for (const line of text.split('\n'))
        if (line.trim() !== '' && !address.test(line)) console.log(`  ${name}: ${line}`);
    });
  }
  const ended = new Promise<number | string | null>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  return {
    ended,
    printed: () => printed,
    stop: () => void (child.exitCode === null && child.pid !== undefined && process.kill(-child.pid, 'SIGINT')),
  };
}

/** What `npm start` prints once a browser can open it. @throws Error when it ends or takes too long. */
async function addressOf(start: NpmRun): Promise<string> {
  let over: string | null = null;
  void start.ended.then((how) => (over = `it ended (${how}) before it printed an address`));
  const limit = Date.now() + limitMs;
  for (;;) {
    const url = address.exec(start.printed())?.[0];
    if (url !== undefined) return url;
    if (Date.now() > limit) over ??= `it printed no address in ${limitMs / 60_000} minutes`;
    if (over !== null) throw new Error(`npm start in a fresh clone: ${over}.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** What a browser does: the address gives a cookie, and with it the folder opens. */
async function opensWorkbench(url: string): Promise<void> {
  const first = await fetch(url, { redirect: 'manual' });
  const cookie = first.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const page = await fetch(new URL(first.headers.get('location') ?? url, url), { headers: { cookie } });
  const text = await page.text();
  if (!page.ok || !text.includes('workbench')) {
    throw new Error(
      `The address that npm start prints answers ${first.status}, then ${page.status}: ${text.slice(0, 500)}`,
    );
  }
}

/** Twice at once, as people do: the second waits for what the first one installs. */
async function startTwice(clone: string): Promise<void> {
  const args = ['start', '--', '--editor', 'code-server', '--port', '0'];
  const starts = ['first', 'second'].map((name) => npm(clone, name, args));
  try {
    for (const url of await Promise.all(starts.map(addressOf))) await opensWorkbench(url);
    const installed = starts.map((start) => start.printed().match(/^> Installing node modules/gm)?.length ?? 0);
    if (installed.reduce((sum, count) => sum + count, 0) !== 1)
      throw new Error('Two commands at once did not install once.');
  } finally {
    for (const start of starts) start.stop();
    await Promise.all(starts.map(({ ended }) => ended));
  }
}

/** What was installed in the clone serves the checkout, so that nothing is installed twice. */
function handOver(clone: string): void {
  const parts: readonly (readonly [from: string, to: string])[] = [
    [join(clone, 'node_modules'), join(root, 'node_modules')],
    [join(clone, '.cache', 'code-server'), join(cacheFolder(), 'code-server')],
  ];
  for (const [from, to] of parts) if (!existsSync(to)) moveFolder(from, to);
}

/** Why the checkout cannot be cloned and started here, as a sentence, or null. */
export function cloneObstacle(): string | null {
  if (windows) return 'code-server does not run on Windows.';
  const canClone = existsSync(join(root, '.git')) && git('rev-parse', 'HEAD') !== null;
  return canClone ? null : 'This is no checkout that git can clone.';
}

/**
 * Clones the checkout into a temporary folder, runs `npm start` there, two at once, up to the printed address, and then
 * `npm run package`. Only what is committed is part of it.
 * @throws Error with the reason when one of them fails.
 */
export async function startFromClone(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'al-clone-'));
  // Many folders have a space in their name.
  const clone = join(home, 'a clone');
  try {
    if (git('clone', '--quiet', root, clone) === null) throw new Error('git could not clone the checkout.');
    await startTwice(clone);
    // By now the clone is linked into its own cache, and a walk that follows links would not end.
    const code = await npm(clone, 'package', ['run', 'package']).ended;
    if (code !== 0) throw new Error(`npm run package after npm start: exit ${code}.`);
    handOver(clone);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
