import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type * as Vscode from 'vscode';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../src/core/errors.ts';
import type { IterationChange } from '../src/workflow/ports/store/iterations.ts';
import type { Ports, RunOptions } from '../src/workflow/ports/ports.ts';
import { commandIds } from '../src/host/ids.ts';
import { changeSetting, editorState, removeFolder } from './support/editorState.ts';
import { openFakePorts } from './support/fakePorts.ts';
import { makeFakePython, type FakePython } from './support/fakePython.ts';
import { clickStatus, fakeContext, fakeVscode } from './support/fakeVscode.ts';
import { makeReviewWorkspace } from './support/reviewWorkspace.ts';

/** An iteration that goes on until it is stopped. */
interface Run {
  readonly folder: string;
  readonly task: RunOptions;
  /** Ends it. */
  fail(error: Error): void;
}
const runs: Run[] = [];

vi.mock('vscode', () => fakeVscode);
vi.mock('../src/workflow/iteration/runIteration.ts', () => ({
  runIteration: (ports: Ports, _sessionId: number, task: RunOptions) =>
    new Promise((_resolve, reject) => {
      runs.push({ folder: basename(join(ports.runsFolder, '..', '..')), task, fail: reject });
      task.signal?.addEventListener('abort', () =>
        reject(new AppError('cancelled', 'Stopped on request.', 'Run the same step again.')),
      );
    }),
}));
const { activate, deactivate } = await import('../src/host/activate.ts');

const limit = 60_000;
let home = '';
let python: FakePython;
let context: ReturnType<typeof fakeContext>;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'al elsewhere ')));
  const extensionFolder = join(home, 'extension');
  mkdirSync(join(extensionFolder, 'trainer'), { recursive: true });
  context = fakeContext(extensionFolder, join(home, 'storage'));
  editorState.folder = join(home, 'left');
  editorState.others = [];
  editorState.trusted = true;
  python = makeFakePython(join(home, 'python'));
  editorState.settings = new Map([['activeLearning.python.path', python.path]]);
  editorState.seen = [];
  editorState.panels = [];
  editorState.status = null;
  editorState.choose = () => undefined;
  runs.length = 0;
});

afterEach(async () => {
  await deactivate();
  for (const item of context.subscriptions.toReversed()) item.dispose();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  editorState.others = [];
  editorState.choose = () => undefined;
});

const openWindow = (): void => activate(context as unknown as Vscode.ExtensionContext);

/** A folder with a session of its name, whose last iteration stands like this. */
async function makeFolder(
  name: string,
  change: IterationChange,
  more: (ports: Ports) => Promise<unknown> = async () => {},
): Promise<void> {
  const { iterationId, sessionId } = await makeReviewWorkspace(join(home, name));
  const { ports, workspace } = await openFakePorts(join(home, name));
  await ports.store.iterations.update(iterationId, change);
  await ports.store.sessions.update(sessionId, { settings: { name } });
  await more(ports);
  await workspace.close();
}

const anotherWindow = ({ store, system }: Ports): Promise<unknown> =>
  store.leases.acquire('training', { ...system.owner, nonce: 'another window' });

const messages = (): string[] => editorState.seen.flatMap((sight) => (sight.kind === 'message' ? [sight.text] : []));
const titles = (): string[] => editorState.panels.map(({ title }) => title);
const statusText = (): string | undefined => editorState.status?.text;
const statusRef = (): unknown => editorState.status?.command.arguments?.[0];

async function train(session: string): Promise<Run> {
  const before = runs.length;
  editorState.choose = (_text, labels) => labels.find((label) => label === session);
  void fakeVscode.commands.executeCommand(commandIds.iterationRun);
  await expect.poll(() => runs.length, { timeout: 10_000 }).toBe(before + 1);
  const run = runs.at(-1);
  if (run === undefined) throw new Error('Nothing runs.');
  return run;
}

describe.skipIf(process.platform === 'win32')('the status bar', { timeout: limit }, () => {
  test("shows the steps of another window's iteration; a click opens its progress", async () => {
    await makeFolder('left', { status: 'training' }, anotherWindow);
    openWindow();
    await expect.poll(statusText, { timeout: 10_000 }).toBe('$(sync~spin) Iteration 1: training in another window');
    await clickStatus();
    expect(titles()).toEqual(['Metrics: left']);
    const other = await openFakePorts(join(home, 'left'));
    const { store } = other.ports;
    await store.iterations.update(1, { status: 'scoring' });
    await expect
      .poll(statusText, { timeout: 20_000 })
      .toBe('$(sync~spin) Iteration 1: scoring images in another window');
    await store.iterations.update(1, { status: 'reviewing' });
    const { owner } = other.ports.system;
    await store.leases.release('training', { ...owner, nonce: 'another window' });
    await expect.poll(statusText, { timeout: 20_000 }).toBe('$(checklist) 2 to review');
    await other.workspace.close();
  });

  test("forgets another window's iteration when its folder leaves the workspace", async () => {
    editorState.others = [join(home, 'right')];
    await makeFolder('left', { status: 'reviewing' });
    await makeFolder('right', { status: 'training' }, anotherWindow);
    openWindow();
    await expect.poll(statusText, { timeout: 10_000 }).toContain('another window');
    removeFolder(join(home, 'right'));
    await expect.poll(statusText, { timeout: 10_000 }).toBe('$(checklist) 2 to review');
  });

  test('forgets it when the setting points to another database, readable or not', async () => {
    const setting = 'activeLearning.storage.folder';
    await makeFolder('left', { status: 'training' }, anotherWindow);
    await makeFolder('disk', { status: 'reviewing' });
    openWindow();
    const elsewhere = '$(sync~spin) Iteration 1: training in another window';
    await expect.poll(statusText, { timeout: 10_000 }).toBe(elsewhere);
    changeSetting(setting, join(home, 'disk'));
    await expect.poll(statusText, { timeout: 10_000 }).toBe('$(checklist) 2 to review');
    changeSetting(setting, undefined);
    await expect.poll(statusText, { timeout: 10_000 }).toBe(elsewhere);
    mkdirSync(join(home, 'broken', '.active-learning'), { recursive: true });
    writeFileSync(join(home, 'broken', '.active-learning', 'sessions.db'), 'this is no database'.repeat(99));
    changeSetting(setting, join(home, 'broken'));
    await expect.poll(() => editorState.status, { timeout: 10_000 }).toBeNull();
  });

  test('keeps the percentage of a step if an update has none', async () => {
    await makeFolder('left', { status: 'completed' });
    openWindow();
    const { task } = await train('left');
    task.report?.({ step: 'train', message: 'epoch 1 of 3', fraction: 1 / 3 });
    expect(statusText()).toBe('$(sync~spin) Iteration 2: Training 33 %');
    task.report?.({ step: 'train', message: 'image 7 cannot be read' });
    expect(statusText()).toBe('$(sync~spin) Iteration 2: Training 33 %');
    task.report?.({ step: 'evaluate', message: 'Evaluating' });
    expect(statusText()).toBe('$(sync~spin) Iteration 2: Evaluating');
  });

  test('opens the iteration that it shows, even if another folder started later', async () => {
    editorState.others = [join(home, 'right')];
    for (const name of ['left', 'right']) await makeFolder(name, { status: 'completed' });
    openWindow();
    await train('left');
    const left = statusRef();
    await train('right');
    expect(runs.map(({ folder }) => folder)).toEqual(['left', 'right']);
    await clickStatus();
    await fakeVscode.commands.executeCommand(commandIds.activityShow, left);
    expect(titles()).toEqual(['Metrics: right', 'Metrics: left']);
  });
});

describe.skipIf(process.platform === 'win32')('stopping', { timeout: limit }, () => {
  test('never stops the iteration of another folder, and explains why it cannot stop', async () => {
    editorState.others = [join(home, 'right')];
    await makeFolder('left', { status: 'completed' });
    await makeFolder('right', { status: 'scoring' }, anotherWindow);
    openWindow();
    await expect.poll(statusText, { timeout: 10_000 }).toContain('another window');
    const right = statusRef();
    const { task } = await train('left');
    const left = statusRef();
    editorState.choose = () => undefined;
    editorState.seen = [];
    await fakeVscode.commands.executeCommand(commandIds.iterationStop, right);
    expect(messages()).toEqual([expect.stringContaining('Another window is running this iteration')]);
    expect(task.signal?.aborted).toBe(false);
    await fakeVscode.commands.executeCommand(commandIds.iterationStop, left);
    expect(task.signal?.aborted).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('the Python that trained', { timeout: limit }, () => {
  test('is checked again after a failed training but not after a cancelled one', async () => {
    await makeFolder('left', { status: 'completed' });
    openWindow();
    await train('left');
    python.breaks();
    await fakeVscode.commands.executeCommand(commandIds.iterationStop, statusRef());
    const run = await train('left');
    run.fail(new AppError('trainer-died', 'The trainer has ended.', 'Look at the log.'));
    await expect.poll(messages, { timeout: 10_000 }).toContain('The trainer has ended. Look at the log.');
    editorState.seen = [];
    await fakeVscode.commands.executeCommand(commandIds.iterationRun);
    expect(runs).toHaveLength(2);
    expect(editorState.seen).toContainEqual(expect.objectContaining({ severity: 'error' }));
  });
});

describe.skipIf(process.platform === 'win32')('an iteration that was interrupted', { timeout: limit }, () => {
  const interrupted = 'Iteration 1 of "left" was interrupted. You can resume it.';
  const offers = (): number => messages().filter((text) => text === interrupted).length;

  test('is offered once per window and waits for the answer', async () => {
    await makeFolder('left', { status: 'training' });
    openWindow();
    await expect.poll(offers, { timeout: 10_000 }).toBe(1);
    expect(editorState.seen).toContainEqual(
      expect.objectContaining({ text: interrupted, offers: ['Continue Training'] }),
    );
    const other = await openFakePorts(join(home, 'left'));
    await other.ports.store.sessions.update(1, { settings: { description: 'changed by another window' } });
    await other.workspace.close();
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(offers()).toBe(1);
    expect(runs).toEqual([]);
  });

  test('resumes after confirmation', async () => {
    await makeFolder('left', { status: 'training' });
    editorState.choose = (text) => (text === interrupted ? 'Continue Training' : undefined);
    openWindow();
    await expect.poll(() => runs.map(({ folder }) => folder), { timeout: 10_000 }).toEqual(['left']);
    expect(statusText()).toMatch(/Iteration 1:/);
  });
});
