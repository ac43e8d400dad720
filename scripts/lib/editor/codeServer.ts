import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { installDebianPackages } from '../debian.ts';
import { moveFolder } from '../files.ts';
import { withLock } from '../../begin/lock.mjs';
import { beginLog, type StepLog } from '../../begin/log.mjs';
import { node, root } from '../../begin/paths.mjs';
import { environment, output, step } from '../../begin/shell.mjs';
import { EditorUnavailable } from './editorError.ts';
import { cacheFolder } from './paths.ts';
import { isAlive } from './processes.ts';

/** The version that the tests and `npm start` run; it contains VS Code 1.139.1. */
export const codeServerVersion = '4.139.1';
const stampName = 'installed.json';

export interface CodeServer {
  readonly folder: string;
  readonly version: string;
  readonly node: string;
  /** VS Code's own server, which code-server wraps. */
  readonly server: string;
}

function described(folder: string): CodeServer {
  const packageFolder = join(folder, 'node_modules', 'code-server');
  return {
    folder,
    version: codeServerVersion,
    node,
    server: join(packageFolder, 'lib', 'vscode', 'out', 'server-main.js'),
  };
}

/** What the compiled parts depend on: another Node or platform means another installation. */
function fingerprint(): { codeServer: string; node: string; platform: string } {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'node', 'package.json'), 'utf8')) as {
    version: string;
  };
  return { codeServer: codeServerVersion, node: version, platform: `${process.platform}-${process.arch}` };
}

function installFolder(): string {
  return join(cacheFolder(), 'code-server');
}

/** The installed code-server, or null. Installs nothing. */
export function findCodeServer(): CodeServer | null {
  const folder = installFolder();
  const stamp = join(folder, stampName);
  if (!existsSync(stamp) || !existsSync(node)) return null;
  if (readFileSync(stamp, 'utf8') !== JSON.stringify(fingerprint())) return null;
  const found = described(folder);
  return existsSync(found.server) ? found : null;
}

/** The npm package of Node for this platform; it also carries the C++ headers that native modules compile against. */
function nodeHeadersPackage(): string {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${process.platform}-${process.arch}`;
}

function hasHeader(name: string): boolean {
  const probe = spawnSync('g++', ['-E', '-x', 'c++', '-'], { input: `#include <${name}>\n`, encoding: 'utf8' });
  return probe.status === 0;
}

async function ensureCompiler(): Promise<void> {
  const missing = ['python3', 'make', 'g++', 'pkg-config'].filter((command) => output(command, ['--version']) === null);
  if (process.platform === 'darwin') {
    const tools = missing.filter((name) => name !== 'pkg-config');
    if (tools.length === 0) return;
    throw new EditorUnavailable(
      `code-server compiles parts of itself and misses ${tools.join(', ')}.`,
      'Run "xcode-select --install" and try again.',
    );
  }
  if (missing.includes('g++') || !hasHeader('gssapi/gssapi.h')) missing.push('libkrb5-dev');
  if (missing.length === 0) return;
  const advice = await installDebianPackages(missing);
  if (advice === null) return;
  throw new EditorUnavailable(`code-server compiles parts of itself and misses ${missing.join(', ')}.`, advice);
}

/** Under `npm test` with another Node, npm hands its own down; the install script of code-server would refuse it. */
function withoutCallersNode(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const callers = new Set(['npm_config_user_agent', 'npm_node_execpath', 'NODE']);
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !callers.has(name)));
}

async function install(folder: string, log: StepLog): Promise<void> {
  const headers = nodeHeadersPackage();
  const manifest = {
    name: 'code-server-cache',
    private: true,
    dependencies: { 'code-server': codeServerVersion, [headers]: fingerprint().node },
    allowScripts: { 'code-server': true, argon2: true },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const options = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const code = await log.run('npm', ['install', ...options, '--dangerously-allow-all-scripts'], {
    cwd: folder,
    // code-server's own install scripts call npm again, so what they need goes through the environment.
    env: withoutCallersNode(
      environment({
        npm_config_nodedir: join(folder, 'node_modules', headers),
        npm_config_dangerously_allow_all_scripts: 'true',
        npm_config_audit: 'false',
        npm_config_fund: 'false',
        npm_config_loglevel: 'error',
        // The project's .npmrc, which npm hands down, forbids them.
        npm_config_ignore_scripts: 'false',
      }),
    ),
  });
  if (code !== 0) {
    throw new EditorUnavailable(
      `code-server could not be installed:\n${log.ending()}\n`,
      'A package registry must be reachable for the first run.',
    );
  }
  // Terminals and file watching are the compiled parts without which nothing works.
  const compiled =
    "for (const name of ['node-pty', '@parcel/watcher']) require(process.cwd() + '/node_modules/' + name)";
  const vscodeFolder = dirname(dirname(described(folder).server));
  const probe = spawnSync(node, ['-e', compiled], { cwd: vscodeFolder, encoding: 'utf8' });
  if (probe.status !== 0) {
    throw new EditorUnavailable(
      `code-server ${codeServerVersion} came without its compiled parts: ${probe.error?.message ?? probe.stderr.trim()}`,
      'npm may have blocked its install scripts: update npm and try again.',
    );
  }
}

/** Removes the leftovers of interrupted installations. */
function removeLeftovers(folder: string): void {
  const prefix = `${basename(folder)}-installing-`;
  if (!existsSync(dirname(folder))) return;
  for (const name of readdirSync(dirname(folder))) {
    if (!name.startsWith(prefix) || isAlive(parseInt(name.slice(prefix.length), 10))) continue;
    try {
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
    } catch {
      // In the temporary folder it may be another user's.
    }
  }
}

/** make, which compiles its parts, splits paths at spaces: such a folder is filled from the temporary folder. */
function workshop(folder: string): string {
  return /[^\w./+@-]/.test(folder) ? join(tmpdir(), 'al-code-server') : folder;
}

/** Installs beside the folder, and puts it in place once it is whole. */
async function installInto(folder: string, report: (line: string) => void): Promise<void> {
  const started = Date.now();
  removeLeftovers(workshop(folder));
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(`${workshop(folder)}-installing-${process.pid}-`);
  const log = beginLog('code-server');
  try {
    await step(`Installing code-server ${codeServerVersion} (two to ten minutes, 800 MB)`, () => install(work, log));
    writeFileSync(join(work, stampName), JSON.stringify(fingerprint()));
    rmSync(folder, { recursive: true, force: true });
    moveFolder(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  report(`code-server ${codeServerVersion} is installed (${Math.round((Date.now() - started) / 1000)} s).`);
}

/**
 * code-server, installed from npm on first use (two to ten minutes, 800 MB), outside the project's own node modules.
 * @param report receives one line for each thing done.
 * @throws EditorUnavailable with sentences on what to do.
 */
export async function ensureCodeServer({
  report = console.log,
}: { report?: (line: string) => void } = {}): Promise<CodeServer> {
  const found = findCodeServer();
  if (found) return found;
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new EditorUnavailable('code-server runs on Linux and macOS only.', 'Install the desktop VS Code instead.');
  }
  if (!existsSync(node)) throw new EditorUnavailable('The node modules are missing.', 'Run "npm run setup" first.');
  await ensureCompiler();
  // The cache may be shared with other checkouts, so its lock lies there.
  await withLock(join(cacheFolder(), 'locks', 'code-server'), 'installing code-server', async () => {
    if (!findCodeServer()) await installInto(installFolder(), report);
  });
  return described(installFolder());
}
