import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FolderContext } from '../src/host/workspace/folderContext.ts';
import type { FolderRegistry } from '../src/host/workspace/folderRegistry.ts';
import { editorState } from './support/editorState.ts';
import { fakeVscode } from './support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { openRunOutput, registerRunOutput } = await import('../src/host/tasks/runOutput.ts');

let run = '';
let open: FolderContext;

beforeEach(async () => {
  editorState.folder = await mkdtemp(join(tmpdir(), 'al output '));
  editorState.opened = [];
  run = join(editorState.folder, '.active-learning', 'runs', 'r1');
  await mkdir(run, { recursive: true });
  const [folder] = fakeVscode.workspace.workspaceFolders ?? [];
  const runs = { get: async (id: string) => (id === 'r1' ? { id, folder: '/elsewhere' } : null) };
  open = { folder, ports: { store: { runs }, runsFolder: join(run, '..') } } as unknown as FolderContext;
  registerRunOutput({ open: async () => open } as unknown as FolderRegistry);
});
afterEach(() => rm(editorState.folder ?? '', { recursive: true, force: true }));

const show = async (id: string): Promise<string> => {
  await openRunOutput(open, id, 'Parts/left, iteration 1, training output');
  return editorState.opened.at(-1)?.text ?? '';
};

test('opens the output of a training as a document', async () => {
  const event = { sequence: 1, time: '2026-11-30T17:45:00.000Z', kind: 'log', message: 'Loading torch.' };
  await writeFile(join(run, 'events.jsonl'), `${JSON.stringify(event)}\n`);
  expect(await show('r1')).toBe('2026-11-30 17:45:00  Loading torch.\n');
  expect(editorState.opened[0]?.title).toBe('/Parts-left, iteration 1, training output.log');
});

test("adds the trainer's log if it ran without a terminal", async () => {
  await writeFile(join(run, 'trainer.log'), 'Traceback: out of memory\n');
  expect(await show('r1')).toBe('trainer.log\n\nTraceback: out of memory\n');
  // Its end is shown, however long it is.
  await writeFile(join(run, 'trainer.log'), `${'x'.repeat(99)}\n`.repeat(400_000) + 'The end \u0007\n');
  const shown = await show('r1');
  expect(shown.endsWith('The end \\u0007\n')).toBe(true);
  expect(shown.length).toBeLessThan(1_100_000);
});

test('reads only files of the run, and follows no links', async () => {
  await writeFile(join(editorState.folder ?? '', 'secret'), 'not for these eyes');
  await symlink(join(editorState.folder ?? '', 'secret'), join(run, 'trainer.log'));
  await expect(show('r1')).rejects.toMatchObject({ code: 'run-folder-unusable' });
  await rm(run, { recursive: true });
  await mkdir(join(editorState.folder ?? '', 'r1'));
  await symlink(join(editorState.folder ?? '', 'r1'), run);
  await expect(show('r1')).rejects.toMatchObject({ code: 'storage-link' });
});

test('reports an empty output and a deleted training', async () => {
  expect(await show('r1')).toBe('This training has no output yet.');
  expect(await show('r2')).toBe('This training no longer exists.');
});
