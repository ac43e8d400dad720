import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Folders, OpenFolder } from '../src/host/services.ts';
import { desk } from './support/fakeDesk.ts';
import { fakeVscode } from './support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { openRunOutput, registerRunOutput } = await import('../src/host/commands/runOutput.ts');

let run = '';
let open: OpenFolder;

beforeEach(async () => {
  desk.folder = await mkdtemp(join(tmpdir(), 'al output '));
  desk.opened = [];
  run = join(desk.folder, '.active-learning', 'runs', 'r1');
  await mkdir(run, { recursive: true });
  const [folder] = fakeVscode.workspace.workspaceFolders ?? [];
  const runs = { get: async (id: string) => (id === 'r1' ? { id, folder: '/elsewhere' } : null) };
  open = { folder, ports: { store: { runs }, runsFolder: join(run, '..') } } as unknown as OpenFolder;
  registerRunOutput({ open: async () => open } as unknown as Folders);
});
afterEach(() => rm(desk.folder ?? '', { recursive: true, force: true }));

const show = async (id: string): Promise<string> => {
  await openRunOutput(open, id, 'Parts/left, iteration 1, training output');
  return desk.opened.at(-1)?.text ?? '';
};

test('opens what a training told as a document to read', async () => {
  const event = { sequence: 1, time: '2026-11-30T17:45:00.000Z', kind: 'log', message: 'Loading torch.' };
  await writeFile(join(run, 'events.jsonl'), `${JSON.stringify(event)}\n`);
  expect(await show('r1')).toBe('2026-11-30 17:45:00  Loading torch.\n');
  expect(desk.opened[0]?.title).toBe('/Parts-left, iteration 1, training output.log');
});

test('adds what the trainer printed without a terminal', async () => {
  await writeFile(join(run, 'trainer.log'), 'Traceback: out of memory\n');
  expect(await show('r1')).toBe('trainer.log\n\nTraceback: out of memory\n');
  // However long it is, its end is shown.
  await writeFile(join(run, 'trainer.log'), `${'x'.repeat(99)}\n`.repeat(400_000) + 'The end \u0007\n');
  const shown = await show('r1');
  expect(shown.endsWith('The end \\u0007\n')).toBe(true);
  expect(shown.length).toBeLessThan(1_100_000);
});

test('reads the files of the run alone, and none through a link', async () => {
  await writeFile(join(desk.folder ?? '', 'secret'), 'not for these eyes');
  await symlink(join(desk.folder ?? '', 'secret'), join(run, 'trainer.log'));
  await expect(show('r1')).rejects.toMatchObject({ code: 'run-folder-unusable' });
  await rm(run, { recursive: true });
  await mkdir(join(desk.folder ?? '', 'r1'));
  await symlink(join(desk.folder ?? '', 'r1'), run);
  await expect(show('r1')).rejects.toMatchObject({ code: 'storage-link' });
});

test('says so if there is nothing, or the training is gone', async () => {
  expect(await show('r1')).toBe('This training has told nothing yet.');
  expect(await show('r2')).toBe('This training is no longer here.');
});
