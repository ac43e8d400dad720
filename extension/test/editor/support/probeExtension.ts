import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const manifest = {
  name: 'harness-probe',
  publisher: 'al-test',
  version: '0.0.1',
  type: 'module',
  engines: { vscode: '^1.101.0' },
  main: './extension.cjs',
  activationEvents: ['onStartupFinished', 'onTaskType:harness.wait'],
  contributes: {
    commands: [
      { command: 'harness.openPanel', title: 'Open Panel', category: 'Harness' },
      { command: 'harness.ask', title: 'Ask', category: 'Harness' },
      { command: 'harness.startTask', title: 'Start Task', category: 'Harness' },
    ],
    viewsContainers: { activitybar: [{ id: 'harness', title: 'Harness Probe', icon: 'icon.svg' }] },
    views: { harness: [{ id: 'harness.tree', name: 'Harness Tree' }] },
    taskDefinitions: [{ type: 'harness.wait', required: ['run'], properties: { run: { type: 'string' } } }],
    problemMatchers: [
      {
        name: 'harness-wait',
        owner: 'harness',
        pattern: [{ regexp: '^ERROR (.*):(\\d+): (.*)$', file: 1, line: 2, message: 3 }],
        background: { activeOnStart: true, beginsPattern: '^begin$', endsPattern: '^end$' },
      },
    ],
  },
};

/** Every task event is a line in `events.jsonl` of the workspace, so that a test can compare across reloads. */
const extensionSource = String.raw`
const vscode = require('vscode');
const fs = require('node:fs');
const path = require('node:path');

const folder = () => vscode.workspace.workspaceFolders[0].uri.fsPath;
const record = (event) => fs.appendFileSync(path.join(folder(), 'events.jsonl'), JSON.stringify(event) + '\n');

function waitTask(definition) {
  const program = "console.log('begin'); setInterval(() => console.log('tick'), 500)";
  const task = new vscode.Task(definition, vscode.TaskScope.Workspace, 'Wait', 'harness',
    new vscode.ProcessExecution(process.execPath, ['-e', program]), ['$harness-wait']);
  task.isBackground = true;
  return task;
}

const html = (count) => '<!doctype html><html><body><button id="probe-button">Pressed ' + count + '</button>' +
  '<script>const api = acquireVsCodeApi(); let count = (api.getState() ?? { count: 0 }).count;' +
  'const button = document.getElementById("probe-button"); const show = () => button.textContent = "Pressed " + count;' +
  'show(); button.onclick = () => { count += 1; api.setState({ count }); show(); api.postMessage({ count }); };</' + 'script></body></html>';

function fillPanel(panel) {
  panel.webview.options = { enableScripts: true };
  panel.webview.onDidReceiveMessage(({ count }) =>
    vscode.window.showInformationMessage('The panel was pressed ' + count + ' times', 'Good'));
  panel.webview.html = html(0);
}

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider('harness.tree', {
      getTreeItem: (item) => item,
      getChildren: (parent) => {
        if (parent) return [new vscode.TreeItem('Leaf')];
        const branch = new vscode.TreeItem('Branch', vscode.TreeItemCollapsibleState.Collapsed);
        branch.description = 'one leaf';
        return [branch];
      },
    }),
    vscode.commands.registerCommand('harness.openPanel', () =>
      fillPanel(vscode.window.createWebviewPanel('harness.panel', 'Probe Panel', vscode.ViewColumn.One, {}))),
    vscode.window.registerWebviewPanelSerializer('harness.panel', {
      deserializeWebviewPanel: async (panel) => fillPanel(panel),
    }),
    vscode.commands.registerCommand('harness.ask', async () => {
      const colour = await vscode.window.showQuickPick(
        [{ label: 'Red', description: 'warm' }, { label: 'Blue', description: 'cold', detail: 'like the sea' }],
        { title: 'Colour', placeHolder: 'Choose a colour' });
      const count = await vscode.window.showInputBox({ title: 'Count', prompt: 'How many?',
        validateInput: (text) => /^\d+$/.test(text) ? undefined : 'Not a number' });
      vscode.window.showWarningMessage('Chosen: ' + colour?.label + ' ' + count);
    }),
    vscode.tasks.registerTaskProvider('harness.wait', {
      provideTasks: () => [],
      resolveTask: (task) => waitTask(task.definition),
    }),
    vscode.tasks.onDidStartTaskProcess(({ execution, processId }) =>
      record({ kind: 'process', run: execution.task.definition.run, pid: processId, host: process.pid })),
    vscode.commands.registerCommand('harness.startTask', () =>
      vscode.tasks.executeTask(waitTask({ type: 'harness.wait', run: 'r1' }))),
  );
  record({ kind: 'activated', host: process.pid });
};
`;

const passingTests = String.raw`
const assert = require('node:assert');
const vscode = require('vscode');
exports.run = async () => {
  console.log('the passing tests run');
  await vscode.extensions.getExtension('al-test.harness-probe').activate();
  assert.ok((await vscode.commands.getCommands(true)).includes('harness.ask'));
};
`;

const failingTests = String.raw`
const assert = require('node:assert');
exports.run = async () => {
  assert.equal(1 + 1, 3, 'the failing tests fail');
};
`;

/** A tiny extension with one of everything that the harness must be able to reach, and two bundles of tests for it. */
export interface ProbeExtension {
  extensionFolder: string;
  workspace: string;
  passingTests: string;
  failingTests: string;
  remove(): void;
}

/** Writes the probe extension and an empty workspace into a temporary folder. */
export function makeProbeExtension(): ProbeExtension {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'al probe ')));
  const extensionFolder = join(home, 'extension');
  const workspace = join(home, 'work space');
  mkdirSync(extensionFolder);
  mkdirSync(workspace);
  const write = (name: string, text: string): string => {
    const path = join(extensionFolder, name);
    writeFileSync(path, text);
    return path;
  };
  write('package.json', JSON.stringify(manifest, null, 2));
  write(
    'icon.svg',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="8"/></svg>',
  );
  write('extension.cjs', extensionSource);
  return {
    extensionFolder,
    workspace,
    passingTests: write('passing.cjs', passingTests),
    failingTests: write('failing.cjs', failingTests),
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}
