import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HostContext } from '../src/host/context.ts';
import { editorState } from './support/editorState.ts';
import { script } from './support/fakeInput.ts';
import { fakeVscode } from './support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { UserCancelled } = await import('../src/host/ui/window.ts');
const { manageDiskSpace } = await import('../src/host/commands/diskSpace.ts');

let root = '';
let host: HostContext;
let running: unknown = null;
const environment = () => join(root, 'environments', '20261130174500');
const storage = () => join(root, 'parts', '.active-learning');

async function put(bytes: number, ...path: string[]): Promise<void> {
  const file = join(root, ...path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, Buffer.alloc(bytes));
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'al disk '));
  editorState.folder = join(root, 'parts');
  editorState.seen = [];
  script.asked = [];
  running = null;
  await put(0, 'environments', '20261130174500', '.complete');
  await put(2_000_000, 'environments', '20261130174500', 'lib', 'torch.so');
  await put(3_000_000, 'parts', '.active-learning', 'cache', 'vectors.bin');
  await put(4_000_000, 'parts', '.active-learning', 'runs', 'r1', 'best.pt');
  const folder = { folder: fakeVscode.workspace.workspaceFolders?.[0], storage: fakeVscode.Uri.file(storage()) };
  host = {
    log: fakeVscode.window.createOutputChannel(),
    environment: {
      environmentsFolder: join(root, 'environments'),
      remembered: () => join(environment(), 'bin', 'python'),
      forget: async () => {},
    },
    folders: { openAll: async () => [folder] },
    get runner() {
      return { current: running };
    },
  } as unknown as HostContext;
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Chooses the row, answers the question, and leaves the list that follows. */
async function choose(row: string, button?: string): Promise<void> {
  script.acts = [
    { do: 'pick', row },
    ...(button === undefined ? [] : [{ do: 'answer', button } as const]),
    { do: 'escape' },
  ];
  await manageDiskSpace(host, undefined).catch((error: unknown) => {
    if (!(error instanceof UserCancelled)) throw error;
  });
}

test('shows the sizes', async () => {
  script.acts = [{ do: 'escape' }];
  await expect(manageDiskSpace(host, undefined)).rejects.toBeInstanceOf(UserCancelled);
  expect(script.asked[0]?.title).toBe('Disk Space of Active Learning: 9 MB');
  expect(script.asked[0]?.rows).toEqual([
    ['Training environment of 2026-11-30', '2 MB'],
    ['Cache of parts', '3 MB'],
    ['Sessions and models of parts', '4 MB · delete sessions in the sidebar'],
  ]);
});

test('deletes only the confirmed environment or cache', async () => {
  await choose('Cache of parts', 'Delete');
  expect(existsSync(join(storage(), 'cache'))).toBe(false);
  expect(existsSync(join(storage(), 'runs', 'r1', 'best.pt'))).toBe(true);
  await choose('Training environment of 2026-11-30', 'Delete');
  expect(existsSync(environment())).toBe(false);
  const questions = editorState.seen.filter((sight) => sight.kind === 'message');
  expect(questions.map(({ text }) => text)).toEqual([
    'Delete Cache of parts (3 MB)?',
    'Delete Training environment of 2026-11-30 (2 MB)?',
  ]);
  expect(questions[1]?.detail).toContain('This workspace uses this environment.');
});

test('deletes nothing without confirmation, no sessions, and nothing during a training', async () => {
  await choose('Cache of parts', 'No');
  await choose('Sessions and models of parts');
  running = { ref: {} };
  await choose('Training environment of 2026-11-30');
  expect(existsSync(environment())).toBe(true);
  expect(existsSync(join(storage(), 'cache', 'vectors.bin'))).toBe(true);
  expect(existsSync(join(storage(), 'runs', 'r1', 'best.pt'))).toBe(true);
});
