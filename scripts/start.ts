// Opens VS Code on a folder with the extension of this checkout, after installing and building what is missing.
// Usage: npm start -- [--editor code|code-server] [--folder <folder>] [--port <n>]
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureCodeServer } from './lib/editor/codeServer.ts';
import { chooseEditor, openDesktop } from './lib/editor/desktop.ts';
import { EditorUnavailable } from './lib/editor/editorError.ts';
import { isFree, startPersonServer } from './lib/editor/server.ts';
import { withLock } from './begin/lock.mjs';
import { locks, node, root } from './begin/paths.mjs';
import { ensureBuilt } from './lib/setup.ts';
import { fail, run, step } from './begin/shell.mjs';

type Editor = 'code' | 'code-server';

const usualPort = 8399;
const usage = 'Usage: npm start -- [--editor code|code-server] [--folder <folder>] [--port <n>]';

function parseFlags() {
  try {
    const options = { editor: { type: 'string' }, folder: { type: 'string' }, port: { type: 'string' } } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    return fail((error as Error).message, usage);
  }
}

interface Flags {
  readonly editor: Editor | undefined;
  readonly folder: string | undefined;
  readonly port: number | undefined;
}

function readFlags(): Flags {
  const { editor, folder, port } = parseFlags();
  if (editor !== undefined && editor !== 'code' && editor !== 'code-server') {
    fail(`--editor is "code" or "code-server", not "${editor}".`, usage);
  }
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) < 65_536)) {
    fail(`--port is a number from 0 to 65535, not "${port}".`, usage);
  }
  return { editor, folder, port: port === undefined ? undefined : Number(port) };
}

function isCompleteSample(folder: string): boolean {
  try {
    const sample = JSON.parse(readFileSync(join(folder, '.sample.json'), 'utf8')) as { complete?: boolean };
    return sample.complete === true;
  } catch {
    return false;
  }
}

/** The folder to open: the one asked for, otherwise the sample project, made when there is none. */
async function ensureFolder(asked: string | undefined): Promise<string> {
  if (asked !== undefined) {
    // npm runs scripts in the checkout; a relative folder is meant from where the person stands.
    const folder = resolve(process.env['INIT_CWD'] ?? process.cwd(), asked);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) fail(`There is no folder ${folder}.`);
    return folder;
  }
  const sample = join(root, 'sample');
  if (isCompleteSample(sample)) return sample;
  const title = 'Making the sample project';
  const make = (): Promise<number> => run(node, [join(root, 'dist', 'cli.js'), 'sample', '--out', sample]);
  const code = await withLock(join(locks, 'sample'), 'making the sample', () => step(title, make));
  if (code !== 0) fail('The sample project could not be made; the message is above.');
  return sample;
}

async function serve(workspace: string, askedPort: number | undefined): Promise<void> {
  await ensureCodeServer();
  const port = askedPort ?? ((await isFree(usualPort)) ? usualPort : 0);
  const server = await step('Starting code-server', () =>
    startPersonServer({ workspace, extensionFolder: root, port }),
  );
  console.log(`\nVS Code is ready. Open this address in a browser on this machine:\n\n  ${server.url}\n`);
  console.log('It holds a key (tkn) that is yours alone: who has it can work as you. A browser keeps it for a week.');
  console.log('On another machine, forward the port first, for example with');
  console.log(`  ssh -L ${server.port}:127.0.0.1:${server.port} <this machine>`);
  console.log('Press Ctrl+C to stop.');
  let asked = false;
  const stop = (): void => {
    if (asked) return;
    asked = true;
    console.log('\nStopping.');
    void server.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  const how = await server.exited;
  // Terminals and their programs may outlive the server for a moment.
  await server.stop();
  if (!asked) fail(`code-server ended by itself (${how}). Its log is ${server.logFile}:`, server.tail(20));
}

const { editor, folder, port } = readFlags();
await ensureBuilt();
const workspace = await ensureFolder(folder);
try {
  const chosen = chooseEditor(editor);
  if (chosen.command) {
    console.log(`> Opening VS Code on ${workspace} with the extension of ${root}`);
    await openDesktop({ command: chosen.command, workspace, extensionFolder: root });
  } else {
    if (chosen.reason) console.log(`Using code-server in the browser, because ${chosen.reason}.`);
    await serve(workspace, port);
  }
} catch (error) {
  if (error instanceof EditorUnavailable) fail(error.message);
  throw error;
}
process.exit(0);
