import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Vscode from 'vscode';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HostContext } from '../src/host/context.ts';
import { changeSetting, editorState, removeFolder } from './support/editorState.ts';
import { makeFakePython, type FakePython } from './support/fakePython.ts';
import { fakeContext, fakeVscode } from './support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { PythonEnvironment } = await import('../src/host/environment/environment.ts');
const { checkEnvironmentCommand, setUpEnvironmentCommand } = await import('../src/host/commands/environment.ts');
const { offerUpdate } = await import('../src/host/environment/offerUpdate.ts');
const { setUpEnvironment } = await import('../src/host/environment/setUp.ts');
const { finishedEnvironments } = await import('../src/host/environment/places.ts');

const setting = 'activeLearning.python.path';
const stateKey = 'activeLearning:environment.state';
let home = '';
let context: ReturnType<typeof fakeContext>;
let log: Vscode.LogOutputChannel;
let first: FakePython;
let second: FakePython;

/** What a new window knows: the memory of the workspace outlives it. */
function openWindow(): InstanceType<typeof PythonEnvironment> {
  const environment = new PythonEnvironment(context as unknown as Vscode.ExtensionContext, log);
  context.subscriptions.push(environment);
  return environment;
}

const folderAt = (index: number): Vscode.WorkspaceFolder =>
  fakeVscode.workspace.workspaceFolders?.[index] as unknown as Vscode.WorkspaceFolder;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'al environment ')));
  const extensionFolder = join(home, 'extension');
  mkdirSync(join(extensionFolder, 'trainer'), { recursive: true });
  writeFileSync(join(extensionFolder, 'trainer', 'requirements.txt'), 'ultralytics==8.4.190\n');
  context = fakeContext(extensionFolder, join(home, 'storage'));
  log = fakeVscode.window.createOutputChannel() as unknown as Vscode.LogOutputChannel;
  editorState.folder = join(home, 'left');
  editorState.others = [join(home, 'right')];
  for (const folder of [editorState.folder, ...editorState.others]) mkdirSync(folder);
  editorState.trusted = true;
  editorState.settings = new Map();
  editorState.extensions = new Map();
  editorState.seen = [];
  editorState.lists = [];
  editorState.contexts = new Map();
  editorState.choose = () => undefined;
  first = makeFakePython(join(home, 'one', 'python3'));
  second = makeFakePython(join(home, 'two', 'python3'));
  vi.stubEnv('PATH', join(home, 'one'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const item of context.subscriptions) item.dispose();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  editorState.others = [];
  editorState.extensions = new Map();
});

const setUp = (): Promise<boolean> => setUpEnvironment(openWindow(), folderAt(0), log);
const environments = (): string => join(home, 'storage', 'environments');

/** The report of "Check Training Environment" about a Python with these packages. */
async function check(packages: Readonly<Record<string, string>>): Promise<unknown> {
  first.works(packages);
  const host = { environment: openWindow(), folders: { open: async () => null } };
  editorState.others = [];
  editorState.seen = [];
  await checkEnvironmentCommand(host as unknown as HostContext, undefined);
  return editorState.seen.at(-1);
}

/** Presses these buttons and chooses these rows, and nothing else. */
function answer(...wanted: readonly string[]): void {
  editorState.choose = (_text, labels) => labels.find((label) => wanted.includes(label));
}

const unless = process.platform === 'win32';

describe.skipIf(unless)('the Python to train with', () => {
  test('is separate for each folder, even if both are searched at once', async () => {
    editorState.settings.set(`${editorState.others[0]} ${setting}`, second.path);
    const environment = openWindow();
    const found = await Promise.all([environment.find(folderAt(0)), environment.find(folderAt(1))]);
    expect(found).toEqual([first.path, second.path]);
    expect(openWindow().remembered(folderAt(0))).toBe(first.path);
    expect(environment.state).toBe('ready');
  });

  test('counts for the window while its folder is open', async () => {
    const [right = ''] = editorState.others;
    editorState.settings.set(`${editorState.folder} ${setting}`, join(home, 'none'));
    const environment = openWindow();
    await environment.find(folderAt(1));
    await expect(environment.find(folderAt(0))).rejects.toMatchObject({ code: 'python-missing' });
    expect(editorState.contexts.get(stateKey)).toBe('ready');
    removeFolder(right);
    expect(environment.state).toBe('missing');
    expect(editorState.contexts.get(stateKey)).toBe('missing');
  });

  test('that broke since the last window is detected and explained', async () => {
    editorState.settings.set(setting, second.path);
    expect(await openWindow().find(folderAt(0))).toBe(second.path);
    second.lacks('ultralytics');
    await expect(openWindow().find(folderAt(0))).rejects.toMatchObject({
      code: 'packages-missing',
      message: `${second.path} lacks a package that training needs: ultralytics.`,
    });
    second.breaks();
    await expect(openWindow().find(folderAt(0))).rejects.toMatchObject({ code: 'trainer-broken' });
  });

  test('is started once per window, and again after a failed training', async () => {
    const environment = openWindow();
    await environment.find(folderAt(0));
    first.lacks('torch');
    expect(await environment.find(folderAt(0))).toBe(first.path);
    environment.doubt(folderAt(0));
    await expect(environment.find(folderAt(0))).rejects.toMatchObject({ code: 'packages-missing' });
    expect(editorState.contexts.get(stateKey)).toBe('missing');
  });

  test('is searched again when its setting changes, so that the welcome text is correct', async () => {
    editorState.settings.set(setting, join(home, 'none'));
    const environment = openWindow();
    await environment.look();
    expect(editorState.contexts.get(stateKey)).toBe('missing');
    changeSetting(setting, second.path);
    await expect.poll(() => editorState.contexts.get(stateKey)).toBe('ready');
    expect(environment.remembered(folderAt(0))).toBe(second.path);
    changeSetting(setting, join(home, 'none'));
    await expect.poll(() => editorState.contexts.get(stateKey)).toBe('missing');
  });

  test('is not started for a setting if the window never needed it', async () => {
    const environment = openWindow();
    changeSetting(setting, join(home, 'none'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(environment.state).toBe('unknown');
  });

  test('with other versions than the tested ones can train, and the check reports them', async () => {
    const ready = 'Training is ready: Python 3.11.4, PyTorch 2.13.0+cpu, Ultralytics';
    expect(await check({ torch: '2.13.0+cpu', ultralytics: '8.4.190' })).toMatchObject({
      text: `${ready} 8.4.190; devices: cpu.`,
      offers: [],
    });
    expect(await check({ torch: '2.13.0+cpu', ultralytics: '8.0.1' })).toMatchObject({
      text: `${ready} 8.0.1; devices: cpu. These versions differ from the tested ones: ultralytics 8.0.1 → 8.4.190.`,
      offers: ['activeLearning.environment.setUp'],
    });
  });

  test('is searched again on request if none was found', async () => {
    first.lacks('torch');
    const environment = openWindow();
    await environment.look();
    expect(environment.state).toBe('missing');
    first.works();
    await environment.look();
    expect(environment.state).toBe('ready');
  });
});

describe.skipIf(unless)('the Python extension', () => {
  let chosen = '';
  let listeners: (() => void)[] = [];

  function choose(path: string): void {
    chosen = path;
    for (const listener of listeners) listener();
  }

  beforeEach(() => {
    listeners = [];
    chosen = second.path;
    editorState.extensions.set('ms-python.python', {
      environments: {
        getActiveEnvironmentPath: () => ({ id: chosen, path: chosen }),
        resolveEnvironment: async ({ path }: { path: string }) => ({ executable: { uri: fakeVscode.Uri.file(path) } }),
        onDidChangeActiveEnvironmentPath: (listener: () => void) => {
          listeners.push(listener);
          return { dispose: () => (listeners = listeners.filter((other) => other !== listener)) };
        },
      },
    });
  });

  test('provides the Python, and another selection applies immediately', async () => {
    const environment = openWindow();
    expect(await environment.find(folderAt(0))).toBe(second.path);
    choose(first.path);
    await expect.poll(() => environment.remembered(folderAt(0))).toBe(first.path);
    expect(await environment.find(folderAt(0))).toBe(first.path);
    expect(listeners).toHaveLength(1);
    environment.dispose();
    expect(listeners).toEqual([]);
  });

  test('is also followed in the next window before a training', async () => {
    await openWindow().find(folderAt(0));
    const environment = openWindow();
    await environment.followChoice();
    choose(first.path);
    await expect.poll(() => environment.remembered(folderAt(0))).not.toBe(second.path);
    expect(await environment.find(folderAt(0))).toBe(first.path);
  });

  test('is ignored if a Python is configured', async () => {
    editorState.settings.set(setting, first.path);
    const environment = openWindow();
    expect(await environment.find(folderAt(0))).toBe(first.path);
    choose(join(home, 'none'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(environment.state).toBe('ready');
  });
});

describe.skipIf(unless)('setting up the environment', () => {
  const hasChoice = process.platform !== 'darwin';
  beforeEach(() => answer('Set Up Another'));

  test('shows the existing environment and the size of another one, and creates none without confirmation', async () => {
    answer();
    expect(await setUp()).toBe(false);
    const question = editorState.seen.findLast((sight) => sight.kind === 'message');
    expect(question).toMatchObject({
      severity: 'modal',
      text: 'A training environment is already set up. Set up another one?',
      offers: ['Check Training Environment', 'Set Up Another'],
    });
    expect(question?.detail).toContain(`Trainings use ${first.path}.`);
    expect(question?.detail).toContain('1.6 GB');
    expect(editorState.lists).toEqual([]);
  });

  test('does not start without enough disk space, and shows how much it needs', async () => {
    const { environmentSizes } = await import('../src/host/environment/diskSpace.ts');
    const sizes: { peak: number } = environmentSizes.cpu;
    const { peak } = sizes;
    sizes.peak = 1e18;
    try {
      answer('Set Up Another', 'CPU only', 'Install');
      await expect(setUp()).rejects.toMatchObject({
        code: 'set-up-disk-full',
        message: expect.stringMatching(/needs 1000000000 GB .*, but only .*[GM]B are free in /) as string,
      });
    } finally {
      sizes.peak = peak;
    }
    expect(() => readdirSync(environments())).toThrow('ENOENT');
  });

  test.skipIf(!hasChoice)('explains the choice between CPU and GPU, and does nothing without an answer', async () => {
    expect(await setUp()).toBe(false);
    const [choices] = editorState.lists;
    expect(choices?.map(({ label }) => label).toSorted()).toEqual(['CPU only', 'NVIDIA GPU (CUDA)']);
    expect(choices?.every(({ description = '', detail = '' }) => description !== '' && detail.length > 40)).toBe(true);
    expect(editorState.seen.at(-1)).toEqual({ kind: 'shown', what: 'list' });
  });

  test.skipIf(!hasChoice)('recommends the GPU if there is one', async () => {
    makeFakePython(join(home, 'one', 'nvidia-smi'));
    await setUp();
    expect(editorState.lists[0]?.[0]).toMatchObject({
      label: 'NVIDIA GPU (CUDA)',
      description: 'recommended: GPU found',
    });
  });

  test('explains the installation, and installs nothing without confirmation', async () => {
    answer('Set Up Another', 'CPU only');
    expect(await setUp()).toBe(false);
    const question = editorState.seen.findLast((sight) => sight.kind === 'message');
    expect(question).toMatchObject({ severity: 'modal', offers: ['Install'] });
    expect(question?.detail).toMatch(/The download is about 500 MB, from .* takes 1\.6 GB .* available\..*AGPL/s);
    expect(question?.detail).toContain(environments());
    expect(() => readdirSync(environments())).toThrow('ENOENT');
  });

  test('installs after confirmation with the Python that it found', async () => {
    answer('Set Up Another', 'CPU only', 'Install');
    expect(await setUp()).toBe(true);
    const [made = ''] = finishedEnvironments(environments());
    expect(readFileSync(join(made, 'requirements.txt'), 'utf8')).toBe('ultralytics==8.4.190\n');
    expect(await openWindow().find(folderAt(0))).toBe(join(made, 'bin', 'python'));
  });

  test('reports that it is still checking if it runs again before the first question', async () => {
    answer();
    const host = { environment: openWindow(), log, runner: { current: null } } as unknown as HostContext;
    const underWay = setUpEnvironmentCommand(host, undefined);
    await setUpEnvironmentCommand(host, undefined);
    expect(editorState.seen.findLast((sight) => sight.kind === 'message')).toMatchObject({
      text: 'The setup is still checking the Python on this machine. It asks before it installs anything.',
      offers: ['activeLearning.log.show'],
    });
    await underWay;
    expect(editorState.seen.at(-1)).toMatchObject({
      text: 'A training environment is already set up. Set up another one?',
    });
  });

  test('reports that it is installing if it runs again after the confirmation', async () => {
    const host = { environment: openWindow(), log, runner: { current: null } } as unknown as HostContext;
    const wanted = ['Set Up Another', 'CPU only', 'Install'];
    let again: unknown;
    editorState.choose = (_text, labels) => {
      if (labels.includes('Install')) setTimeout(() => (again = setUpEnvironmentCommand(host, undefined)));
      return labels.find((label) => wanted.includes(label));
    };
    await setUpEnvironmentCommand(
      { ...host, folders: { open: async () => null } } as unknown as HostContext,
      undefined,
    );
    await again;
    const texts = editorState.seen.flatMap((sight) => (sight.kind === 'message' ? [sight.text] : []));
    expect(texts).toContain('The training environment is already being set up.');
  });

  test('explains what to install if there is no Python', async () => {
    vi.stubEnv('PATH', join(home, 'nothing'));
    await expect(setUp()).rejects.toMatchObject({
      code: 'base-python-missing',
      hint: expect.stringContaining('Install Python 3.12') as string,
    });
  });

  test('is offered again if an update of the extension needs other packages', async () => {
    answer('Set Up Another', 'CPU only', 'Install');
    await setUp();
    await openWindow().find(folderAt(0));
    const offered = async (button?: string): Promise<readonly unknown[]> => {
      editorState.seen = [];
      editorState.choose = () => button;
      await offerUpdate(openWindow(), context.globalState as unknown as Vscode.Memento);
      return editorState.seen;
    };
    expect(await offered()).toEqual([]);
    writeFileSync(join(home, 'extension', 'trainer', 'requirements.txt'), 'ultralytics==8.5.0\n');
    const text = expect.stringContaining('ultralytics 8.4.190 → 8.5.0') as string;
    const message = { text, offers: ['activeLearning.environment.setUp', 'Not Now'] };
    expect(await offered()).toMatchObject([message]);
    expect(await offered('Update Training Environment')).toMatchObject([
      message,
      { what: 'command activeLearning.environment.setUp' },
    ]);
    expect(await offered('Not Now')).toHaveLength(1);
    expect(await offered()).toEqual([]);
    writeFileSync(join(home, 'extension', 'trainer', 'requirements.txt'), 'ultralytics==8.6.0\n');
    expect(await offered()).toHaveLength(1);
  });
});
