import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Vscode from 'vscode';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Host } from '../src/host/context.ts';
import { changeSetting, desk, removeFolder } from './support/fakeDesk.ts';
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
  desk.folder = join(home, 'left');
  desk.others = [join(home, 'right')];
  for (const folder of [desk.folder, ...desk.others]) mkdirSync(folder);
  desk.trusted = true;
  desk.settings = new Map();
  desk.extensions = new Map();
  desk.seen = [];
  desk.lists = [];
  desk.contexts = new Map();
  desk.choose = () => undefined;
  first = makeFakePython(join(home, 'one', 'python3'));
  second = makeFakePython(join(home, 'two', 'python3'));
  vi.stubEnv('PATH', join(home, 'one'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const item of context.subscriptions) item.dispose();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  desk.others = [];
  desk.extensions = new Map();
});

const setUp = (): Promise<boolean> => setUpEnvironment(openWindow(), folderAt(0), log);
const environments = (): string => join(home, 'storage', 'environments');

/** What "Check Training Environment" tells of a Python that has these packages. */
async function check(packages: Readonly<Record<string, string>>): Promise<unknown> {
  first.works(packages);
  const host = { environment: openWindow(), folders: { open: async () => null } };
  desk.others = [];
  desk.seen = [];
  await checkEnvironmentCommand(host as unknown as Host, undefined);
  return desk.seen.at(-1);
}

/** Presses these buttons and chooses these rows, and nothing else. */
function answer(...wanted: readonly string[]): void {
  desk.choose = (_text, labels) => labels.find((label) => wanted.includes(label));
}

const unless = process.platform === 'win32';

describe.skipIf(unless)('the Python to train with', () => {
  test('is each folder its own, also when both are looked for at once', async () => {
    desk.settings.set(`${desk.others[0]} ${setting}`, second.path);
    const environment = openWindow();
    const found = await Promise.all([environment.find(folderAt(0)), environment.find(folderAt(1))]);
    expect(found).toEqual([first.path, second.path]);
    expect(openWindow().remembered(folderAt(0))).toBe(first.path);
    expect(environment.state).toBe('ready');
  });

  test('counts for the window while its folder is there', async () => {
    const [right = ''] = desk.others;
    desk.settings.set(`${desk.folder} ${setting}`, join(home, 'none'));
    const environment = openWindow();
    await environment.find(folderAt(1));
    await expect(environment.find(folderAt(0))).rejects.toMatchObject({ code: 'python-missing' });
    expect(desk.contexts.get(stateKey)).toBe('ready');
    removeFolder(right);
    expect(environment.state).toBe('missing');
    expect(desk.contexts.get(stateKey)).toBe('missing');
  });

  test('that broke since the last window is noticed, and explained', async () => {
    desk.settings.set(setting, second.path);
    expect(await openWindow().find(folderAt(0))).toBe(second.path);
    second.lacks('ultralytics');
    await expect(openWindow().find(folderAt(0))).rejects.toMatchObject({
      code: 'packages-missing',
      message: `${second.path} lacks a package that training needs: ultralytics.`,
    });
    second.breaks();
    await expect(openWindow().find(folderAt(0))).rejects.toMatchObject({ code: 'trainer-broken' });
  });

  test('is started once a window, and again after a training that failed', async () => {
    const environment = openWindow();
    await environment.find(folderAt(0));
    first.lacks('torch');
    expect(await environment.find(folderAt(0))).toBe(first.path);
    environment.doubt(folderAt(0));
    await expect(environment.find(folderAt(0))).rejects.toMatchObject({ code: 'packages-missing' });
    expect(desk.contexts.get(stateKey)).toBe('missing');
  });

  test('is looked for again when its setting changes, so that the welcome says what is so', async () => {
    desk.settings.set(setting, join(home, 'none'));
    const environment = openWindow();
    await environment.look();
    expect(desk.contexts.get(stateKey)).toBe('missing');
    changeSetting(setting, second.path);
    await expect.poll(() => desk.contexts.get(stateKey)).toBe('ready');
    expect(environment.remembered(folderAt(0))).toBe(second.path);
    changeSetting(setting, join(home, 'none'));
    await expect.poll(() => desk.contexts.get(stateKey)).toBe('missing');
  });

  test('is not started for a setting of a window that never asked', async () => {
    const environment = openWindow();
    changeSetting(setting, join(home, 'none'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(environment.state).toBe('unknown');
  });

  test('of other versions than those that were tested trains too, and the check says so', async () => {
    const ready = 'Training is ready: Python 3.11.4, PyTorch 2.13.0+cpu, Ultralytics';
    expect(await check({ torch: '2.13.0+cpu', ultralytics: '8.4.190' })).toMatchObject({
      text: `${ready} 8.4.190; devices: cpu.`,
      offers: [],
    });
    expect(await check({ torch: '2.13.0+cpu', ultralytics: '8.0.1' })).toMatchObject({
      text: `${ready} 8.0.1; devices: cpu. It was tested with other versions: ultralytics 8.0.1 → 8.4.190.`,
      offers: ['activeLearning.environment.setUp'],
    });
  });

  test('is looked for again on request where none was found', async () => {
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
    desk.extensions.set('ms-python.python', {
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

  test('names the Python, and another choice counts at once', async () => {
    const environment = openWindow();
    expect(await environment.find(folderAt(0))).toBe(second.path);
    choose(first.path);
    await expect.poll(() => environment.remembered(folderAt(0))).toBe(first.path);
    expect(await environment.find(folderAt(0))).toBe(first.path);
    expect(listeners).toHaveLength(1);
    environment.dispose();
    expect(listeners).toEqual([]);
  });

  test('is followed in the next window too, before anything is trained', async () => {
    await openWindow().find(folderAt(0));
    const environment = openWindow();
    await environment.followChoice();
    choose(first.path);
    await expect.poll(() => environment.remembered(folderAt(0))).not.toBe(second.path);
    expect(await environment.find(folderAt(0))).toBe(first.path);
  });

  test('has no say where a Python is named', async () => {
    desk.settings.set(setting, first.path);
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

  test('says that one is ready, what another would take, and makes none without a yes', async () => {
    answer();
    expect(await setUp()).toBe(false);
    const question = desk.seen.findLast((sight) => sight.kind === 'message');
    expect(question).toMatchObject({
      severity: 'modal',
      text: 'A training environment is ready. Set up another one?',
      offers: ['Check Training Environment', 'Set Up Another'],
    });
    expect(question?.detail).toContain(`Trainings use ${first.path}.`);
    expect(question?.detail).toContain('1.6 GB');
    expect(desk.lists).toEqual([]);
  });

  test('does not begin where the disk has too little room, and says how much is needed', async () => {
    const { environmentSizes } = await import('../src/host/environment/diskSpace.ts');
    const sizes: { peak: number } = environmentSizes.cpu;
    const { peak } = sizes;
    sizes.peak = 1e18;
    try {
      answer('Set Up Another', 'CPU only', 'Install');
      await expect(setUp()).rejects.toMatchObject({
        code: 'set-up-disk-full',
        message: expect.stringMatching(/needs 1000000000 GB .*, and .*[GM]B are free in /) as string,
      });
    } finally {
      sizes.peak = peak;
    }
    expect(() => readdirSync(environments())).toThrow('ENOENT');
  });

  test.skipIf(!hasChoice)('explains the choice between CPU and GPU, and does nothing without one', async () => {
    expect(await setUp()).toBe(false);
    const [choices] = desk.lists;
    expect(choices?.map(({ label }) => label).toSorted()).toEqual(['CPU only', 'NVIDIA GPU (CUDA)']);
    expect(choices?.every(({ description = '', detail = '' }) => description !== '' && detail.length > 40)).toBe(true);
    expect(desk.seen.at(-1)).toEqual({ kind: 'shown', what: 'list' });
  });

  test.skipIf(!hasChoice)('recommends the GPU where there is one', async () => {
    makeFakePython(join(home, 'one', 'nvidia-smi'));
    await setUp();
    expect(desk.lists[0]?.[0]).toMatchObject({
      label: 'NVIDIA GPU (CUDA)',
      description: 'recommended: a GPU was found',
    });
  });

  test('says what it would do, and installs nothing without a yes', async () => {
    answer('Set Up Another', 'CPU only');
    expect(await setUp()).toBe(false);
    const question = desk.seen.findLast((sight) => sight.kind === 'message');
    expect(question).toMatchObject({ severity: 'modal', offers: ['Install'] });
    expect(question?.detail).toMatch(/The download is about 500 MB, from .* takes 1\.6 GB .* are free\..*AGPL/s);
    expect(question?.detail).toContain(environments());
    expect(() => readdirSync(environments())).toThrow('ENOENT');
  });

  test('installs after a yes, from the Python that was found', async () => {
    answer('Set Up Another', 'CPU only', 'Install');
    expect(await setUp()).toBe(true);
    const [made = ''] = finishedEnvironments(environments());
    expect(readFileSync(join(made, 'requirements.txt'), 'utf8')).toBe('ultralytics==8.4.190\n');
    expect(await openWindow().find(folderAt(0))).toBe(join(made, 'bin', 'python'));
  });

  test('says that it still checks when it is called again before it asked anything', async () => {
    answer();
    const host = { environment: openWindow(), log, runner: { current: null } } as unknown as Host;
    const underWay = setUpEnvironmentCommand(host, undefined);
    await setUpEnvironmentCommand(host, undefined);
    expect(desk.seen.findLast((sight) => sight.kind === 'message')).toMatchObject({
      text: 'The set-up is still checking the Python on this machine. It asks before it installs anything.',
      offers: ['activeLearning.log.show'],
    });
    await underWay;
    expect(desk.seen.at(-1)).toMatchObject({ text: 'A training environment is ready. Set up another one?' });
  });

  test('says that it installs when it is called again after the yes', async () => {
    const host = { environment: openWindow(), log, runner: { current: null } } as unknown as Host;
    const wanted = ['Set Up Another', 'CPU only', 'Install'];
    let again: unknown;
    desk.choose = (_text, labels) => {
      if (labels.includes('Install')) setTimeout(() => (again = setUpEnvironmentCommand(host, undefined)));
      return labels.find((label) => wanted.includes(label));
    };
    await setUpEnvironmentCommand({ ...host, folders: { open: async () => null } } as unknown as Host, undefined);
    await again;
    const texts = desk.seen.flatMap((sight) => (sight.kind === 'message' ? [sight.text] : []));
    expect(texts).toContain('The training environment is being set up already.');
  });

  test('without any Python says what to install', async () => {
    vi.stubEnv('PATH', join(home, 'nothing'));
    await expect(setUp()).rejects.toMatchObject({
      code: 'base-python-missing',
      hint: expect.stringContaining('Install Python 3.12') as string,
    });
  });

  test('is offered again when an update of the extension needs other packages', async () => {
    answer('Set Up Another', 'CPU only', 'Install');
    await setUp();
    await openWindow().find(folderAt(0));
    const offered = async (button?: string): Promise<readonly unknown[]> => {
      desk.seen = [];
      desk.choose = () => button;
      await offerUpdate(openWindow(), context.globalState as unknown as Vscode.Memento);
      return desk.seen;
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
