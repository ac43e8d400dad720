import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Vscode from 'vscode';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { HostContext } from '../src/host/context.ts';
import { editorState } from './support/editorState.ts';
import { makeFakePython } from './support/fakePython.ts';
import { fakeVscode } from './support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { environmentBench, onWindows } = await import('./support/environmentBench.ts');
const { setUpEnvironmentCommand } = await import('../src/host/commands/environment.ts');
const { offerUpdate } = await import('../src/host/environment/offerUpdate.ts');
const { setUpEnvironment } = await import('../src/host/environment/setUp.ts');
const { finishedEnvironments } = await import('../src/host/environment/places.ts');

const bench = environmentBench();
const setUp = (): Promise<boolean> => setUpEnvironment(bench.openWindow(), bench.folderAt(0), bench.log);

/** Presses these buttons and chooses these rows, and nothing else. */
function answer(...wanted: readonly string[]): void {
  editorState.choose = (_text, labels) => labels.find((label) => wanted.includes(label));
}

describe.skipIf(onWindows)('setting up the environment', () => {
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
    expect(question?.detail).toContain(`Trainings use ${bench.first.path}.`);
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
    expect(() => readdirSync(bench.environments())).toThrow('ENOENT');
  });

  test.skipIf(!hasChoice)('explains the choice between CPU and GPU, and does nothing without an answer', async () => {
    expect(await setUp()).toBe(false);
    const [choices] = editorState.lists;
    expect(choices?.map(({ label }) => label).toSorted()).toEqual(['CPU only', 'NVIDIA GPU (CUDA)']);
    expect(choices?.every(({ description = '', detail = '' }) => description !== '' && detail.length > 40)).toBe(true);
    expect(editorState.seen.at(-1)).toEqual({ kind: 'shown', what: 'list' });
  });

  test.skipIf(!hasChoice)('recommends the GPU if there is one', async () => {
    makeFakePython(join(bench.home, 'one', 'nvidia-smi'));
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
    expect(question?.detail).toContain(bench.environments());
    expect(() => readdirSync(bench.environments())).toThrow('ENOENT');
  });

  test('installs after confirmation with the Python that it found', async () => {
    answer('Set Up Another', 'CPU only', 'Install');
    expect(await setUp()).toBe(true);
    const [made = ''] = finishedEnvironments(bench.environments());
    expect(readFileSync(join(made, 'requirements.txt'), 'utf8')).toBe('ultralytics==8.4.190\n');
    expect(await bench.openWindow().find(bench.folderAt(0))).toBe(join(made, 'bin', 'python'));
  });

  test('reports that it is still checking if it runs again before the first question', async () => {
    answer();
    const host = {
      environment: bench.openWindow(),
      log: bench.log,
      runner: { current: null },
    } as unknown as HostContext;
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
    const host = {
      environment: bench.openWindow(),
      log: bench.log,
      runner: { current: null },
    } as unknown as HostContext;
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
    vi.stubEnv('PATH', join(bench.home, 'nothing'));
    await expect(setUp()).rejects.toMatchObject({
      code: 'base-python-missing',
      hint: expect.stringContaining('Install Python 3.12') as string,
    });
  });

  test('is offered again if an update of the extension needs other packages', async () => {
    answer('Set Up Another', 'CPU only', 'Install');
    await setUp();
    await bench.openWindow().find(bench.folderAt(0));
    const offered = async (button?: string): Promise<readonly unknown[]> => {
      editorState.seen = [];
      editorState.choose = () => button;
      await offerUpdate(bench.openWindow(), bench.context.globalState as unknown as Vscode.Memento);
      return editorState.seen;
    };
    expect(await offered()).toEqual([]);
    writeFileSync(join(bench.home, 'extension', 'trainer', 'requirements.txt'), 'ultralytics==8.5.0\n');
    const text = expect.stringContaining('ultralytics 8.4.190 → 8.5.0') as string;
    const message = { text, offers: ['activeLearning.environment.setUp', 'Not Now'] };
    expect(await offered()).toMatchObject([message]);
    expect(await offered('Update Training Environment')).toMatchObject([
      message,
      { what: 'command activeLearning.environment.setUp' },
    ]);
    expect(await offered('Not Now')).toHaveLength(1);
    expect(await offered()).toEqual([]);
    writeFileSync(join(bench.home, 'extension', 'trainer', 'requirements.txt'), 'ultralytics==8.6.0\n');
    expect(await offered()).toHaveLength(1);
  });
});
