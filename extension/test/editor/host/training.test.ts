import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAlive } from '../../../../scripts/lib/editor/processes.ts';
import type { ExtensionHost } from '../support/evaluator.ts';
import { missingForEditor } from '../support/page.ts';
import { findWebview } from '../support/parts.ts';
import { appearLimit, poll } from '../support/poll.ts';
import { productFolder } from '../support/productFolder.ts';
import { sharedEditor } from '../support/sharedEditor.ts';
import { makeSpotWorkspace } from '../support/spotWorkspace.ts';
import { makeStagedTrainer, type StagedTrainer } from '../support/stagedTrainer.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests of a training in a real editor are skipped. ${missing}`);

interface Manifest {
  readonly publisher: string;
  readonly name: string;
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
}

interface SeenTask {
  readonly run: unknown;
  readonly process: string | null;
  readonly background: boolean;
  readonly panel: unknown;
  readonly matchers: readonly string[];
}

describe.skipIf(missing !== null)('a training in a real window', { timeout: 600_000 }, () => {
  let trainer: StagedTrainer;
  let host: ExtensionHost;
  const shared = sharedEditor('training', async (home) => {
    trainer = makeStagedTrainer(home);
    const workspace = join(home, 'work space #1');
    const settings = { epochs: 3 };
    await makeSpotWorkspace({ folder: workspace, session: 'Spots', settings, python: trainer.python });
    // Text in the page, where the test can read it.
    return { workspace, userSettings: { 'terminal.integrated.gpuAcceleration': 'off' } };
  });

  const manifest = JSON.parse(readFileSync(join(productFolder, 'package.json'), 'utf8')) as Manifest;
  const tree = () => shared.editor.tree(/Sessions/);
  const untilRows = (what: string, found: (lines: readonly string[]) => boolean): Promise<string[]> =>
    tree().waitForLines(what, found);
  const untilStatus = (text: string): Promise<void> => shared.editor.waitForStatus(text);
  const untilPage = (text: string) => findWebview(shared.editor.page, `#root :text("${text}")`);
  const runs = join('.active-learning', 'runs');
  const runFolder = (name: string): string => join(shared.home, 'work space #1', runs, name);
  const runNames = (): string[] => readdirSync(runFolder('')).toSorted();
  const pidOf = (run: string): number => {
    const { pid } = JSON.parse(readFileSync(join(runFolder(run), 'pid'), 'utf8')) as { pid: number };
    return pid;
  };
  const events = (run: string): { kind: string; epoch?: number; resumedAt?: number; status?: string }[] =>
    readFileSync(join(runFolder(run), 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  /** File, line from 0 and message of everything in the Problems panel. */
  const problems = (): Promise<[string, number, string][]> =>
    host.run(
      (vscode) =>
        vscode.languages
          .getDiagnostics()
          .flatMap(([uri, list]) =>
            list.map(({ message, range }): [string, number, string] => [uri.fsPath, range.start.line, message]),
          ),
      null,
    );
  const runningTasks = (): Promise<SeenTask[]> =>
    host.run(
      (vscode) =>
        vscode.tasks.taskExecutions.map(({ task }) => ({
          run: task.definition['run'],
          process: task.execution instanceof vscode.ProcessExecution ? task.execution.process : null,
          background: task.isBackground,
          panel: task.presentationOptions.panel,
          matchers: task.problemMatchers,
        })),
      null,
    );

  it('registers exactly the commands that it contributes, and lends nothing to other extensions', async () => {
    host = await shared.evaluator.host();
    const contributed = manifest.contributes.commands.map(({ command }) => command).toSorted();
    const id = `${manifest.publisher}.${manifest.name}`;
    const seen = await host.run(async (vscode, extension) => {
      const exported = await vscode.extensions.getExtension(extension)?.activate();
      const commands = await vscode.commands.getCommands(true);
      return {
        exports: exported === undefined ? 'nothing' : typeof exported,
        // VS Code makes some for each view.
        commands: commands.filter((name) => /^activeLearning\.(?!sessions\.)/.test(name)),
      };
    }, id);
    expect(seen.commands.toSorted()).toEqual(contributed);
    expect(seen.exports).toBe('nothing');
    const { properties } = manifest.contributes.configuration;
    const defaults = await host.run(
      (vscode, names) => names.map((name) => vscode.workspace.getConfiguration().inspect(name)?.defaultValue ?? null),
      Object.keys(properties),
    );
    expect(defaults).toEqual(Object.values(properties).map((property) => property.default));
  });

  it('begins from the tree, as a background task with a terminal of its own', async () => {
    const { editor } = shared;
    await editor.openViewContainer('Active Learning');
    await tree().row('Spots');
    expect(await tree().lines()).toEqual(['beaker Spots: new · 5 labelled, 3 unlabelled']);
    trainer.allow(1);
    await tree().pressInline('Spots', 'Train Next Iteration');
    await untilStatus('iteration 1: Training 33 %');
    await untilRows('the progress', (seen) => seen[0] === 'sync Spots: Training 33 %');
    const [run = ''] = runNames();
    expect(await runningTasks()).toEqual([
      {
        run,
        process: trainer.python,
        background: true,
        panel: await host.run((vscode) => vscode.TaskPanelKind.Dedicated, null),
        matchers: ['$activeLearning-trainer'],
      },
    ]);
    expect(pidOf(run)).toBe(await host.run(async (vscode) => vscode.window.terminals[0]?.processId, null));

    // A task of tasks.json is made only for a training that works; a strange one starts nothing.
    const workspace = join(shared.home, 'work space #1');
    mkdirSync(join(workspace, '.vscode'), { recursive: true });
    const tasks = [run, 's9-i9-none'].map((name) => ({ type: 'activeLearning.train', run: name, label: name }));
    writeFileSync(join(workspace, '.vscode', 'tasks.json'), JSON.stringify({ version: '2.0.0', tasks }));
    const fetched = await poll('the tasks of tasks.json', appearLimit, async () => {
      const found = await host.run(
        async (vscode) =>
          (await vscode.tasks.fetchTasks({ type: 'activeLearning.train' })).map(({ definition, execution }) => ({
            run: definition['run'],
            process: execution instanceof vscode.ProcessExecution ? execution.process : null,
          })),
        null,
      );
      return found.length > 0 ? found : undefined;
    });
    expect(fetched).toContainEqual({ run, process: trainer.python });

    await editor.runCommand('Active Learning: Show Running Iteration');
    await editor.page.locator('.terminal-wrapper .xterm-rows').waitFor();
    await poll('the output', appearLimit, async () => {
      const text = await editor.page.locator('.terminal-wrapper .xterm-rows').first().innerText();
      return text.includes('epoch 1/3') || undefined;
    });
    await editor.screenshot('training-terminal');
    expect(runNames()).toEqual([run]);
  });

  it('goes on over a reload: the same process, and everything that shows it comes back', async () => {
    const { editor } = shared;
    const [run = ''] = runNames();
    const pid = pidOf(run);
    await editor.runCommand('Active Learning: Show Metrics');
    await untilPage('1 of 3 epochs complete');
    await editor.reloadWindow();
    host = await shared.evaluator.host(host);
    await untilStatus('iteration 1: Training 33 %');
    await untilRows('the progress', (seen) => seen[0] === 'sync Spots: Training 33 %');
    await untilPage('1 of 3 epochs complete');
    expect(await editor.editorTitles()).toEqual(['Metrics: Spots']);
    trainer.allow(2);
    await untilPage('2 of 3 epochs complete');
    await untilStatus('iteration 1: Training 66 %');
    expect(pidOf(run)).toBe(pid);
    expect(isAlive(pid)).toBe(true);

    await tree().pressInline('Spots', 'Stop Iteration');
    await untilRows('the stop', (seen) => seen.some((row) => row.includes('Iteration 1: stopped')));
    await untilPage('Training cancelled after 2 of 3 epochs');
    expect(isAlive(pid)).toBe(false);
    expect(events(run).at(-1)).toMatchObject({ kind: 'finished', status: 'cancelled' });
    expect(runNames()).toEqual([run]);
  });

  it('is found again when the extension host died, and continues from its checkpoint when the trainer dies', async () => {
    const { editor } = shared;
    const [first] = runNames();
    trainer.allow(1);
    await tree().pressInline('Spots', 'Train Next Iteration');
    await untilStatus('iteration 1: Training 33 %');
    const run = runNames().find((name) => name !== first) ?? '';
    const pid = pidOf(run);
    const before = host;
    process.kill(host.pid, 'SIGKILL');
    host = await shared.evaluator.host(before);
    trainer.allow(2);
    await untilStatus('iteration 1: Training 66 %');
    expect(pidOf(run)).toBe(pid);
    // VS Code leaves the panel open, and nobody can reach it any more.
    await untilPage('lost its connection');
    await editor.screenshot('training-lost-panel');
    await editor.runCommand('Active Learning: Show Metrics');
    await untilPage('2 of 3 epochs complete');
    expect(await editor.editorTitles()).toEqual(['Metrics: Spots']);

    process.kill(pid, 'SIGKILL');
    const told = await editor.notifications.waitFor('ended without a result after epoch 2 of 3');
    expect(told).toMatchObject({ severity: 'error', buttons: ['Continue Training', 'Show Log'] });
    await untilRows('the failure', (seen) => seen.some((row) => row.includes('error Iteration 1: failed')));
    expect(await problems()).toEqual([
      [join(runFolder(run), 'events.jsonl'), 0, expect.stringContaining('ended without a result after epoch 2 of 3')],
    ]);
    trainer.allow(3);
    await editor.notifications.press('ended without a result', 'Continue Training');
    await untilRows('the batch', (seen) => seen.length === 5 && seen[0]?.includes('to review') === true);
    expect(await tree().lines()).toEqual([
      'checklist Spots: 3 to review · iteration 1 of 10',
      expect.stringMatching(/^ {2}checklist Iteration 1: to review · mAP \d\.\d\d$/),
      expect.stringMatching(/^ {4}star-full Model version 1: best · active · 0\.0 MB$/),
      expect.stringMatching(/^ {4}graph-line mAP50 \d\.\d\d · mAP50-95 \d\.\d\d: on 1 validation image$/),
      '    checklist Reviewed 0/3',
    ]);
    expect(events(run).filter(({ kind }) => kind === 'started')).toMatchObject([{}, { resumedAt: 2 }]);
    expect(events(run).flatMap(({ kind, epoch }) => (kind === 'epoch' ? [epoch] : []))).toEqual([1, 2, 3]);
    expect(await problems()).toEqual([]);
    await editor.screenshot('training-tree');
  });

  it('lands in Problems and the terminal when it fails', async () => {
    const { editor } = shared;
    const before = runNames();
    await editor.runCommand('Active Learning: Review Samples');
    const review = await findWebview(editor.page, '.review canvas');
    await review.getByRole('button', { name: 'Skip' }).click();
    await untilRows('the verdict', (seen) => seen.includes('    checklist Reviewed 1/3: 1 skipped'));
    await editor.runCommand('Active Learning: Finish Review');
    await editor.notifications.pressInDialog('Finish Review');
    await editor.notifications.waitFor('Finished the review');
    const where = join(shared.home, 'work space #1', 'data', 'labels', 'train', 'a.txt');
    trainer.set({ failure: { message: 'a.txt: no box can be read', hint: 'Check the labels.', where: `${where}:7` } });
    await editor.notifications.press('Finished the review', 'Train Next Iteration');
    const told = await editor.notifications.waitFor('no box can be read');
    expect(told.severity).toBe('error');
    expect(told.buttons).toContain('Validate Dataset');
    await poll('the problem', appearLimit, async () =>
      (await problems()).some(([file, , text]) => file === where && text.includes('Check the labels'))
        ? true
        : undefined,
    );
    // What the problem matcher found is gone with its process; VS Code does so for background tasks.
    await poll('one problem', appearLimit, async () => ((await problems()).length === 1 ? true : undefined));
    expect(await problems()).toEqual([[where, 6, 'a.txt: no box can be read Check the labels.']]);
    expect(runNames()).toHaveLength(before.length + 1);
    await untilRows('the failure', (seen) => seen.some((row) => row.includes('error Iteration 2: failed')));
    await editor.runCommand('Problems: Focus on Problems View');
    await editor.screenshot('training-failed');
    const known = [
      // What VS Code says of the extension host that was killed, and of the task in tasks.json that is none.
      /Extension host.*terminated unexpectedly/i,
      /CloseEvent|remote-connection|reconnection token/,
      /The specified task is missing an execution/,
      // What VS Code says of a terminal that ended before it could name it.
      /Could not find pty \d+ on pty host/,
      // The two errors that were shown.
      /ended without a result after epoch 2|no box can be read/,
    ];
    expect(editor.consoleErrors(known)).toEqual([]);
  });
});
