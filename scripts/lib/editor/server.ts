import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { withLock } from '../../begin/lock.mjs';
import { environment } from '../../begin/shell.mjs';
import { findCodeServer, type CodeServer } from './codeServer.ts';
import { EditorUnavailable } from './editorError.ts';
import { linkExtension } from './extensionLinks.ts';
import { cacheFolder } from './paths.ts';
import { beginPrivateLog, ensurePrivateFolder } from './privateFiles.ts';
import { endProcesses, killProcesses, markName, ownProcesses } from './processes.ts';
import { seedPersonSettings, seedTestSettings } from './settings.ts';

const host = '127.0.0.1';
const startLimitSeconds = 120;
const readiness = /Extension host agent listening on (\d+)/;

/** Variables of an editor, a test runner, this checkout's npm or code-server's own switches that would change how the server behaves. */
const foreign =
  /^(VSCODE_|ELECTRON_|VITEST|CS_|CODE_SERVER_|npm_(package|lifecycle)_|(NODE_OPTIONS|NODE_ENV|TEST|PORT|PASSWORD|HASHED_PASSWORD|INIT_CWD|npm_command|npm_config_(ignore_scripts|local_prefix))$)/;

function serverEnvironment(mark: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment()).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(inherited), [markName]: mark };
}

/** Whether nobody listens on the port of this machine. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, host, () => probe.close(() => done(true)));
  });
}

interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly mark: string;
  readonly logFile: string;
}

interface Launched {
  readonly pid: number;
  /** Settles with the port. */
  readonly ready: Promise<number>;
  readonly exited: Promise<string>;
  tail(lines?: number): string;
  /** Reads no further output, so that none is written after the log has been removed. */
  closeLog(): void;
}

function launch({ name, command, args, mark, logFile }: Launch): Launched {
  const kept = beginPrivateLog(logFile);
  const child = spawn(command, args, {
    env: serverEnvironment(mark),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A separate group, so that Ctrl+C in the terminal reaches this process first, which then ends the server.
    detached: true,
  });
  let log = '';
  const exited = new Promise<string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code, signal) => done(`exit ${code ?? signal}`));
  });
  const ready = new Promise<number>((done, failed) => {
    const limit = setTimeout(
      () => failed(new Error(`${name} did not start in ${startLimitSeconds} s.`)),
      startLimitSeconds * 1000,
    );
    const read = (lines: string): void => {
      log = (log + lines).slice(-20_000);
      const match = readiness.exec(log);
      if (match) {
        clearTimeout(limit);
        done(Number(match[1]));
      }
    };
    for (const stream of [child.stdout, child.stderr]) {
      const lines = kept.stream();
      stream.setEncoding('utf8').on('data', (chunk: string) => read(lines.write(chunk)));
      stream.on('end', () => read(lines.end()));
    }
    void exited.then((how) => {
      clearTimeout(limit);
      failed(new Error(`${name} ended at once (${how}):\n${log.slice(-2000)}`));
    });
  });
  return {
    // Without a process, `ready` fails.
    pid: child.pid ?? 0,
    ready,
    exited,
    tail: (lines = 40) => log.trimEnd().split('\n').slice(-lines).join('\n'),
    closeLog: () => {
      for (const stream of [child.stdout, child.stderr]) stream.removeAllListeners().destroy();
    },
  };
}

/** Servers that run; none of them may outlive this process, even when it ends by an error. */
const running = new Map<number, { readonly mark: string; cleanUp(): void }>();
process.on('exit', () => {
  for (const [pid, { mark, cleanUp }] of running) {
    killProcesses(pid, mark);
    cleanUp();
  }
});

interface EditorFolders {
  readonly userDataFolder: string;
  readonly extensionsFolder: string;
}

/** A server of VS Code that runs. */
export interface EditorServer extends EditorFolders {
  /** The address that opens the workspace. */
  readonly url: string;
  readonly origin: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** The last lines that the server printed. */
  tail(lines?: number): string;
  /** Settles when the server has ended, by itself or not. */
  readonly exited: Promise<string>;
  /** The process ids of the server and of everything it started that still lives. */
  processes(): number[];
  /** Ends the server and everything it started, terminals and their programs included. */
  stop(): Promise<void>;
}

interface StartedServer {
  readonly process: Launched;
  readonly mark: string;
  readonly port: number;
  readonly url: string;
  readonly folders: EditorFolders;
  readonly logFile: string;
  cleanUp(): void;
}

function handle({ process: started, mark, port, url, folders, logFile, cleanUp }: StartedServer): EditorServer {
  let stopping: Promise<void> | undefined;
  running.set(started.pid, { mark, cleanUp });
  return {
    port,
    origin: `http://${host}:${port}`,
    pid: started.pid,
    ...folders,
    url,
    logFile,
    tail: started.tail,
    exited: started.exited,
    processes: () => ownProcesses(started.pid, mark),
    stop() {
      stopping ??= endProcesses(started.pid, mark).then(() => {
        running.delete(started.pid);
        started.closeLog();
        cleanUp();
      });
      return stopping;
    },
  };
}

async function whenReady(started: Launched, mark: string, cleanUp: () => void): Promise<number> {
  try {
    return await started.ready;
  } catch (error) {
    await endProcesses(started.pid, mark);
    started.closeLog();
    cleanUp();
    throw error;
  }
}

function requireCodeServer(): CodeServer {
  const found = findCodeServer();
  if (!found) throw new EditorUnavailable('code-server is not installed.', 'Run "npm test" or "npm start" once.');
  return found;
}

export interface ServerOptions {
  /** A folder or a .code-workspace file; without one the window is empty. */
  readonly workspace?: string;
  /** Loads the extension from its working folder. */
  readonly extensionFolder?: string;
  /** Installs a packaged extension instead. */
  readonly vsix?: string;
  /** Folders of further extensions that a test brings along. */
  readonly helpers?: readonly string[];
  readonly userSettings?: Readonly<Record<string, unknown>>;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** True asks for workspace trust as for a new user; by default every folder is trusted. */
  readonly trust?: boolean;
}

/** The address that opens a folder or a .code-workspace file; without one, an empty window. */
export function workspaceUrl({ port }: { readonly port: number }, workspace: string | undefined): string {
  const query = new URLSearchParams();
  if (workspace)
    query.set(workspace.endsWith('.code-workspace') ? 'workspace' : 'folder', realpathSync(resolve(workspace)));
  return `http://${host}:${port}/?${query}`;
}

function installVsix(codeServer: CodeServer, vsix: string, folders: EditorFolders): void {
  const args = ['--install-extension', vsix, '--force', '--accept-server-license-terms'];
  const places = ['--user-data-dir', folders.userDataFolder, '--extensions-dir', folders.extensionsFolder];
  const result = spawnSync(codeServer.node, [codeServer.server, ...places, ...args], {
    encoding: 'utf8',
    env: serverEnvironment('install'),
  });
  if (result.status !== 0) throw new Error(`${vsix} could not be installed:\n${result.stdout}\n${result.stderr}`);
}

/**
 * Starts VS Code's server for a test, with its own settings and extensions in a temporary folder.
 * @throws EditorUnavailable when code-server is missing; Error with the last output when the server does not start.
 */
export async function startServer(options: ServerOptions): Promise<EditorServer> {
  const { vsix, extensionFolder, userSettings = {}, port = 0, trust = false, helpers = [] } = options;
  const codeServer = requireCodeServer();
  const mark = randomBytes(8).toString('hex');
  // Short, because a socket's path is limited to about 100 characters.
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'al-ed-')));
  const folders = { userDataFolder: join(home, 'user'), extensionsFolder: join(home, 'ext') };
  const cleanUp = (): void => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  mkdirSync(folders.extensionsFolder);
  seedTestSettings(folders.userDataFolder, userSettings);
  if (vsix) installVsix(codeServer, resolve(vsix), folders);
  if (extensionFolder) linkExtension(resolve(extensionFolder), folders.extensionsFolder);
  for (const helper of helpers) linkExtension(resolve(helper), folders.extensionsFolder);
  const args = [codeServer.server, '--host', host, '--port', String(port), '--without-connection-token'];
  args.push('--accept-server-license-terms', '--telemetry-level', 'off');
  // Otherwise each window starts a login shell to read the variables that this process has already.
  args.push('--force-disable-user-env');
  args.push('--user-data-dir', folders.userDataFolder, '--extensions-dir', folders.extensionsFolder);
  if (!trust) args.push('--disable-workspace-trust');
  const logFile = join(home, 'server.log');
  const started = launch({ name: "VS Code's server", command: codeServer.node, args, mark, logFile });
  const actual = await whenReady(started, mark, cleanUp);
  const url = workspaceUrl({ port: actual }, options.workspace);
  return handle({ process: started, mark, port: actual, folders, logFile, cleanUp, url });
}

/** What is kept between starts is not cleaned up. */
function nothing(): void {}

/** The key of a person's server, made once: without it nobody else on this machine gets in. */
function ownToken(home: string): { file: string; token: string } {
  const file = join(home, 'token');
  // Readable for its owner alone, and not an argument, which `ps` shows to everybody.
  if (!existsSync(file)) writeFileSync(file, randomBytes(20).toString('hex'), { mode: 0o600 });
  chmodSync(file, 0o600);
  return { file, token: readFileSync(file, 'utf8') };
}

interface PersonServerOptions {
  readonly workspace: string;
  readonly extensionFolder: string;
  readonly port: number;
  /** Keeps the settings and the extensions; by default a folder in the cache. */
  readonly home?: string;
}

/**
 * Starts VS Code's server for a person, with the extension of `extensionFolder` installed live and settings that are kept
 * between starts.
 * @throws EditorUnavailable when code-server is missing or the port is taken.
 */
export async function startPersonServer({
  workspace,
  extensionFolder,
  port,
  home = join(cacheFolder(), 'editor'),
}: PersonServerOptions): Promise<EditorServer> {
  const codeServer = requireCodeServer();
  if (!(await isFree(port))) {
    throw new EditorUnavailable(`Port ${port} is in use.`, 'Choose another with --port, or 0 for any free one.');
  }
  const mark = randomBytes(8).toString('hex');
  const folders = { userDataFolder: join(home, 'user'), extensionsFolder: join(home, 'extensions') };
  ensurePrivateFolder(home);
  const { file, token } = await withLock(join(home, 'lock'), 'preparing the editor', async () => {
    seedPersonSettings(folders.userDataFolder);
    linkExtension(extensionFolder, folders.extensionsFolder);
    // VS Code keeps what it read of manifests here, and would show commands that are there no more.
    rmSync(join(folders.userDataFolder, 'CachedProfilesData'), { recursive: true, force: true });
    return ownToken(home);
  });
  const args = [codeServer.server, '--host', host, '--port', String(port), '--connection-token-file', file];
  args.push('--accept-server-license-terms', '--telemetry-level', 'off');
  args.push('--user-data-dir', folders.userDataFolder, '--extensions-dir', folders.extensionsFolder);
  const logFile = join(home, 'server.log');
  const started = launch({ name: 'code-server', command: codeServer.node, args, mark, logFile });
  const actual = await whenReady(started, mark, nothing);
  const query = new URLSearchParams({ tkn: token, folder: realpathSync(resolve(workspace)) });
  const url = `http://${host}:${actual}/?${query}`;
  return handle({ process: started, mark, port: actual, folders, logFile, cleanUp: nothing, url });
}
