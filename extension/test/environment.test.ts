import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { HostContext } from '../src/host/context.ts';
import { changeSetting, editorState, removeFolder } from './support/editorState.ts';
import { fakeVscode } from './support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { environmentBench, onWindows, pythonSetting, stateContext } = await import('./support/environmentBench.ts');
const { checkEnvironmentCommand, selectPython } = await import('../src/host/commands/environment.ts');

const bench = environmentBench();

/** The report of "Check Training Environment" about a Python with these packages. */
async function check(packages: Readonly<Record<string, string>>): Promise<unknown> {
  bench.first.works(packages);
  const host = { environment: bench.openWindow(), folders: { open: async () => null } };
  editorState.others = [];
  editorState.seen = [];
  await checkEnvironmentCommand(host as unknown as HostContext, undefined);
  return editorState.seen.at(-1);
}

describe.skipIf(onWindows)('the Python to train with', () => {
  test('is separate for each folder, even if both are searched at once', async () => {
    editorState.settings.set(`${editorState.others[0]} ${pythonSetting}`, bench.second.path);
    const environment = bench.openWindow();
    const found = await Promise.all([environment.find(bench.folderAt(0)), environment.find(bench.folderAt(1))]);
    expect(found).toEqual([bench.first.path, bench.second.path]);
    expect(bench.openWindow().remembered(bench.folderAt(0))).toBe(bench.first.path);
    expect(environment.state).toBe('ready');
  });

  test('counts for the window while its folder is open', async () => {
    const [right = ''] = editorState.others;
    editorState.settings.set(`${editorState.folder} ${pythonSetting}`, join(bench.home, 'none'));
    const environment = bench.openWindow();
    await environment.find(bench.folderAt(1));
    await expect(environment.find(bench.folderAt(0))).rejects.toMatchObject({ code: 'python-missing' });
    expect(editorState.contexts.get(stateContext)).toBe('ready');
    removeFolder(right);
    expect(environment.state).toBe('missing');
    expect(editorState.contexts.get(stateContext)).toBe('missing');
  });

  test('that broke since the last window is detected and explained', async () => {
    editorState.settings.set(pythonSetting, bench.second.path);
    expect(await bench.openWindow().find(bench.folderAt(0))).toBe(bench.second.path);
    bench.second.lacks('ultralytics');
    await expect(bench.openWindow().find(bench.folderAt(0))).rejects.toMatchObject({
      code: 'packages-missing',
      message: `${bench.second.path} lacks a package that training needs: ultralytics.`,
    });
    bench.second.breaks();
    await expect(bench.openWindow().find(bench.folderAt(0))).rejects.toMatchObject({ code: 'trainer-broken' });
  });

  test('is started once per window, and again after a failed training', async () => {
    const environment = bench.openWindow();
    await environment.find(bench.folderAt(0));
    bench.first.lacks('torch');
    expect(await environment.find(bench.folderAt(0))).toBe(bench.first.path);
    environment.doubt(bench.folderAt(0));
    await expect(environment.find(bench.folderAt(0))).rejects.toMatchObject({ code: 'packages-missing' });
    expect(editorState.contexts.get(stateContext)).toBe('missing');
  });

  test('is searched again when its setting changes, so that the welcome text is correct', async () => {
    editorState.settings.set(pythonSetting, join(bench.home, 'none'));
    const environment = bench.openWindow();
    await environment.look();
    expect(editorState.contexts.get(stateContext)).toBe('missing');
    changeSetting(pythonSetting, bench.second.path);
    await expect.poll(() => editorState.contexts.get(stateContext)).toBe('ready');
    expect(environment.remembered(bench.folderAt(0))).toBe(bench.second.path);
    changeSetting(pythonSetting, join(bench.home, 'none'));
    await expect.poll(() => editorState.contexts.get(stateContext)).toBe('missing');
  });

  test('is not started for a setting if the window never needed it', async () => {
    const environment = bench.openWindow();
    changeSetting(pythonSetting, join(bench.home, 'none'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(environment.state).toBe('unknown');
  });

  test('is listed for a choice if it is known', async () => {
    const environment = bench.openWindow();
    expect(await environment.found(bench.folderAt(0))).toEqual([]);
    await environment.find(bench.folderAt(0));
    expect(await environment.found(bench.folderAt(0))).toEqual([bench.first.path]);
    editorState.settings.set(pythonSetting, bench.second.path);
    expect(await environment.found(bench.folderAt(0))).toEqual([bench.first.path, bench.second.path]);
    editorState.settings.set(pythonSetting, join(bench.home, 'none'));
    expect(await environment.found(bench.folderAt(0))).toEqual([bench.first.path]);

    editorState.others = [];
    const shown = vi.spyOn(fakeVscode.window, 'showQuickPick');
    await selectPython({ environment } as unknown as HostContext, undefined);
    const rows = shown.mock.lastCall?.[0] as readonly { readonly label: string }[];
    expect(rows.map(({ label }) => label)).toEqual([
      'Find Automatically',
      expect.stringContaining(bench.first.path),
      'Browse…',
      'Set Up New Environment…',
    ]);
  });

  test('with other versions than the tested ones can train, and the check reports them', async () => {
    const ready = /^Training is ready with .+python3: Python 3\.11\.4, PyTorch 2\.13\.0\+cpu, Ultralytics /u;
    expect(await check({ torch: '2.13.0+cpu', ultralytics: '8.4.190' })).toMatchObject({
      text: expect.stringMatching(new RegExp(`${ready.source}8\\.4\\.190; devices: cpu\\.$`, 'u')),
      offers: [],
    });
    expect(await check({ torch: '2.13.0+cpu', ultralytics: '8.0.1' })).toMatchObject({
      text: expect.stringContaining(
        'Ultralytics 8.0.1; devices: cpu. These versions differ from the tested ones: ultralytics 8.0.1 → 8.4.190.',
      ),
      offers: ['activeLearning.environment.setUp'],
    });
  });

  test('is searched again on request if none was found', async () => {
    bench.first.lacks('torch');
    const environment = bench.openWindow();
    await environment.look();
    expect(environment.state).toBe('missing');
    bench.first.works();
    await environment.look();
    expect(environment.state).toBe('ready');
  });
});

describe.skipIf(onWindows)('the Python extension', () => {
  let chosen = '';
  let listeners: (() => void)[] = [];

  function choose(path: string): void {
    chosen = path;
    for (const listener of listeners) listener();
  }

  beforeEach(() => {
    listeners = [];
    chosen = bench.second.path;
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
    const environment = bench.openWindow();
    expect(await environment.find(bench.folderAt(0))).toBe(bench.second.path);
    choose(bench.first.path);
    await expect.poll(() => environment.remembered(bench.folderAt(0))).toBe(bench.first.path);
    expect(await environment.find(bench.folderAt(0))).toBe(bench.first.path);
    expect(listeners).toHaveLength(1);
    environment.dispose();
    expect(listeners).toEqual([]);
  });

  test('is also followed in the next window before a training', async () => {
    await bench.openWindow().find(bench.folderAt(0));
    const environment = bench.openWindow();
    await environment.followChoice();
    choose(bench.first.path);
    await expect.poll(() => environment.remembered(bench.folderAt(0))).not.toBe(bench.second.path);
    expect(await environment.find(bench.folderAt(0))).toBe(bench.first.path);
  });

  test('is ignored if a Python is configured', async () => {
    editorState.settings.set(pythonSetting, bench.first.path);
    const environment = bench.openWindow();
    expect(await environment.find(bench.folderAt(0))).toBe(bench.first.path);
    choose(join(bench.home, 'none'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(environment.state).toBe('ready');
  });
});
