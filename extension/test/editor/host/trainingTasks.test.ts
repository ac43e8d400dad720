import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withEditor, type Editor } from '../support/editor.ts';
import { missingForEditor } from '../support/page.ts';
import { poll } from '../support/poll.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests in a real editor are skipped. ${missing}`);

/** A busy machine takes minutes for what takes seconds. */
const limit = 300_000;

const sources = join(import.meta.dirname, '..', '..', '..', 'src');
const source = join(sources, 'host', 'tasks', 'trainingTasks.ts');
const leases = join(sources, 'adapters', 'platform', 'lease.ts');

/** Contributes what the product contributes, and commands that start trainings of a process that only waits. */
const manifest = {
  name: 'task-probe',
  publisher: 'al-test',
  version: '0.0.1',
  engines: { vscode: '^1.101.0' },
  main: './extension.cjs',
  activationEvents: ['onStartupFinished', 'onTaskType:activeLearning.train'],
  contributes: {
    commands: ['one', 'two', 'missing'].map((name) => ({
      command: `probe.${name}`,
      title: `Start ${name}`,
      category: 'Probe',
    })),
    taskDefinitions: [{ type: 'activeLearning.train', required: ['run'], properties: { run: { type: 'string' } } }],
    problemMatchers: [
      {
        name: 'activeLearning-trainer',
        owner: 'probe',
        pattern: [{ regexp: '^ERROR (.*):(\\d+): (.*)$', file: 1, line: 2, message: 3 }],
        background: { activeOnStart: true, beginsPattern: '^begin$', endsPattern: '^end$' },
      },
    ],
  },
};

const extensionSource = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { createTrainingTasks } from ${JSON.stringify(source)};
import { processStartTime } from ${JSON.stringify(leases)};

export function activate(context: vscode.ExtensionContext): void {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) return;
  const record = (event: object): void =>
    appendFileSync(join(folder.uri.fsPath, 'events.jsonl'), JSON.stringify({ host: process.pid, ...event }) + '\\n');
  const log = vscode.window.createOutputChannel('Probe', { log: true });
  const tasks = createTrainingTasks(context, log);
  context.subscriptions.push(log, tasks, tasks.onDidChange(() => record({ kind: 'attached', runs: tasks.attached() })));
  const start = async (runId: string, executable: string): Promise<void> => {
    try {
      const cwd = join(folder.uri.fsPath, 'runs', runId);
      mkdirSync(cwd, { recursive: true });
      writeFileSync(join(cwd, 'config.json'), JSON.stringify({ schema: 1, run: runId, nonce: 'n' }));
      const program = "console.log('begin', process.env.PROBE); setInterval(() => {}, 1000)";
      const launched = await tasks.launcherFor(folder).launch({
        runId,
        executable,
        args: ['-e', program],
        env: { PROBE: 'given', AL_TRAINER_NONCE: 'n' },
        cwd,
        logFile: join(cwd, 'trainer.log'),
      });
      const { pid } = launched;
      // As the trainer does.
      if (pid) writeFileSync(join(cwd, 'pid'), JSON.stringify({ pid, startTime: await processStartTime(pid), nonce: 'n' }));
      record({ kind: 'launched', run: runId, pid });
      record({ kind: 'exited', run: runId, ...(await launched.exited) });
    } catch (error) {
      record({ kind: 'refused', run: runId, code: (error as { code?: string }).code });
    }
  };
  context.subscriptions.push(
    vscode.commands.registerCommand('probe.one', () => start('run-one', process.execPath)),
    vscode.commands.registerCommand('probe.two', () => start('run-two', process.execPath)),
    vscode.commands.registerCommand('probe.missing', () => start('run-missing', join(folder.uri.fsPath, 'no-python'))),
  );
  record({ kind: 'activated' });
}
`;

interface Event {
  readonly kind: string;
  readonly host: number;
  readonly run?: string;
  readonly runs?: string[];
  readonly pid?: number;
  readonly code?: string;
  readonly error?: string;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(missing !== null)('trainings in a real terminal', { timeout: 900_000 }, () => {
  let home = '';
  let workspace = '';

  beforeEach(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'al tasks ')));
    workspace = join(home, 'work space');
    mkdirSync(workspace);
    mkdirSync(join(home, 'extension'));
    writeFileSync(join(home, 'extension', 'package.json'), JSON.stringify(manifest));
    await build({
      stdin: { contents: extensionSource, loader: 'ts', resolveDir: import.meta.dirname },
      outfile: join(home, 'extension', 'extension.cjs'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['vscode'],
      logLevel: 'warning',
    });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

  const events = (kind: string): Event[] => {
    const file = join(workspace, 'events.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Event).filter((event) => event.kind === kind);
  };
  const start = async (editor: Editor, name: string): Promise<void> => {
    await poll('the extension', limit, async () => events('activated')[0]);
    await editor.runCommand(`Probe: Start ${name}`);
  };

  it('tells the process, refuses a second one, and keeps the process over a reload', async () => {
    const options = { extensionFolder: join(home, 'extension'), workspace };
    await withEditor('training-task', options, async (editor) => {
      await start(editor, 'missing');
      const absent = await poll('the launch of nothing', limit, async () => events('launched')[0]);
      expect(absent.pid).toBeUndefined();
      expect(await poll('its end', limit, async () => events('exited')[0])).toMatchObject({
        error: expect.stringContaining('could not start'),
      });

      // One that is over before the reload, as when its terminal was closed: VS Code must not start it again.
      await start(editor, 'two');
      const first = await poll('the first launch', limit, async () => events('launched')[1]);
      process.kill(first.pid ?? 0, 'SIGHUP');
      const exit = await poll('its exit', limit, async () => events('exited')[1]);
      expect(exit).toMatchObject({ run: 'run-two' });
      expect(exit.error).toBeUndefined();

      await start(editor, 'one');
      const launched = await poll('the launch', limit, async () => events('launched')[2]);
      const pid = launched.pid ?? 0;
      expect(launched).toMatchObject({ run: 'run-one' });
      expect(isAlive(pid)).toBe(true);
      await editor.runCommand('Probe: Start two');
      expect(await poll('the refusal', limit, async () => events('refused')[0])).toMatchObject({
        run: 'run-two',
        code: 'trainer-busy',
      });

      await editor.reloadWindow();
      await poll('the new extension host', limit, async () =>
        events('activated').find((event) => event.host !== launched.host),
      );
      // VS Code gives extensions five seconds to name their tasks again. A busy machine misses them, and the training
      // goes on unattached; whatever is attached must be this one, and nothing may be started anew.
      const attachedAgain = (): Event[] => events('attached').filter((event) => event.host !== launched.host);
      await poll('the task', 8000, async () => attachedAgain()[0]).catch(() => undefined);
      const attached = attachedAgain();
      if (attached.length === 0) console.log('The machine is too busy for VS Code to attach the task again in time.');
      expect(attached.every((event) => event.runs?.join() === 'run-one')).toBe(true);
      expect(isAlive(pid)).toBe(true);

      process.kill(pid, 'SIGKILL');
      // Refused until VS Code has told of the end.
      const next = await poll('the next launch', limit, async () => {
        await editor.runCommand('Probe: Start two');
        await editor.page.waitForTimeout(300);
        return events('launched')[3];
      });
      expect(next).toMatchObject({ run: 'run-two' });
      expect(next.pid).not.toBe(pid);
    });
  });
});
