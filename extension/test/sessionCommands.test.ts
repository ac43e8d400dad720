import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { commandIds } from '../src/host/ids.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import type { SessionRow } from '../src/workflow/ports/store/sessions.ts';
import { editorState } from './support/editorState.ts';
import { openFakePorts, paintObjects } from './support/fakePorts.ts';
import { accept, answer, browse, enter, escape, pick, script, type Act } from './support/fakeInput.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import { fakeWindow } from './support/fakeWindow.ts';
import { makeReviewWorkspace } from './support/reviewWorkspace.ts';

vi.mock('vscode', () => fakeVscode);
const { activate, deactivate } = await import('../src/host/activate.ts');
const window = fakeWindow({ activate, deactivate });

/** Looks into the workspace, or changes it, beside the window. */
async function beside<T>(work: (ports: Ports) => Promise<T>): Promise<T> {
  const { ports, workspace } = await openFakePorts(window.folder);
  try {
    return await work(ports);
  } finally {
    await workspace.close();
  }
}

const sessions = (): Promise<readonly SessionRow[]> => beside((ports) => ports.store.sessions.list());
const complaints = (): string[] => script.asked.flatMap((asked) => [...new Set(asked.complaints)]);
const messages = () => editorState.seen.filter((sight) => sight.kind === 'message');

/** A window over a workspace with the session "Spots", which waits for review. */
async function open(): Promise<void> {
  await makeReviewWorkspace(window.folder);
  await window.openWindow();
}

const edit = (acts: readonly Act[]): Promise<void> => window.run(commandIds.sessionEdit, acts);

test('an edit changes only what the user typed', async () => {
  await open();
  const [before] = await sessions();
  await edit([pick('Epochs'), ...enter('7'), pick('Seed'), accept, pick('Save')]);
  const [after] = await sessions();
  expect(after).toEqual({ ...before, epochs: 7, typed: expect.arrayContaining(['epochs']) });
  // What was opened and left alone is not typed.
  expect(after?.typed).not.toContain('seed');
  expect(messages()).toMatchObject([{ text: 'Saved "Spots". The changes apply from the next iteration.' }]);
});

test('Escape in the input of a setting keeps the other edits', async () => {
  await open();
  await edit([pick('Epochs'), ...enter('7'), pick('Image size'), escape, pick('Strategy'), escape, pick('Save')]);
  expect(await sessions()).toMatchObject([{ epochs: 7 }]);
});

test('Escape asks only if there are unsaved changes', async () => {
  await open();
  const [before] = await sessions();
  const change = [pick('Epochs'), ...enter('7'), escape];
  await edit([escape]);
  expect(messages()).toEqual([]);
  await edit([...change, answer("Don't Save")]);
  expect(messages()).toMatchObject([{ severity: 'modal', text: 'Do you want to save the changes to "Spots"?' }]);
  expect(await sessions()).toEqual([before]);
  await edit([...change, answer('Save')]);
  expect(await sessions()).toMatchObject([{ epochs: 7 }]);
});

test('Escape at that question returns to the edits', async () => {
  await open();
  await edit([pick('Epochs'), ...enter('7'), escape, pick('Epochs'), ...enter('8'), pick('Save')]);
  expect(script.asked.map(({ value }) => value)).toContain('7');
  expect(await sessions()).toMatchObject([{ epochs: 8 }]);
});

test('an edit adds and removes pool folders', async () => {
  await open();
  const pool = join(window.home, 'pool');
  mkdirSync(pool);
  await paintObjects(join(pool, 'new.png'), [], 99);
  const state = () =>
    beside(async ({ store }) => (await store.images.find({ datasetId: 1, splits: ['pool'] })).map((row) => row.state));
  await edit([pick('Further folders'), pick('Add…'), browse(pool), pick('Done'), pick('Save')]);
  expect(await state()).toEqual(['unlabelled']);
  expect(messages()).toMatchObject([{ text: expect.stringContaining('New images: 1. Removed from the pool: 0.') }]);
  // Cancelling changes nothing.
  await edit([pick('Further folders'), pick(pool), pick('Remove'), pick('Done'), escape, answer("Don't Save")]);
  expect(await state()).toEqual(['unlabelled']);
  await edit([pick('Further folders'), { do: 'press', button: 'Remove', row: pool }, pick('Done'), pick('Save')]);
  expect(await state()).toEqual(['missing']);
  expect(messages()).toMatchObject([{ text: expect.stringContaining('New images: 0. Removed from the pool: 1.') }]);
  expect(await beside(({ store }) => store.datasets.get(1))).toMatchObject({ source: { poolFolders: [] } });
});

test('an edit that is partly saved reports which part', async () => {
  await open();
  const pool = join(window.home, 'pool');
  mkdirSync(pool);
  await paintObjects(join(pool, 'new.png'), [], 99);
  const addPool = [pick('Further folders'), pick('Add…'), browse(pool), pick('Done')];
  const poolFolders = async () => (await beside(({ store }) => store.datasets.get(1)))?.source.poolFolders;
  // Somebody trains: the pool may not change under them.
  await beside(({ store, system }) => store.leases.acquire('training', { ...system.owner, nonce: 'another window' }));
  await edit([pick('Epochs'), ...enter('7'), ...addPool, pick('Save')]);
  expect(messages()).toMatchObject([
    { severity: 'info', text: 'Saved the settings of "Spots", but its folders were not changed.' },
    { severity: 'error' },
  ]);
  expect(await sessions()).toMatchObject([{ epochs: 7 }]);
  expect(await poolFolders()).toEqual([]);
  await edit([...addPool, pick('Save')]);
  expect(messages()).toMatchObject([{ severity: 'error' }]);
  await beside(({ store, system }) => store.leases.release('training', { ...system.owner, nonce: 'another window' }));
  // Stopped while the images are listed: nothing is saved.
  editorState.cancelsProgress = true;
  await edit([...addPool, pick('Save')]);
  expect(messages()).toEqual([]);
  expect(await poolFolders()).toEqual([]);
});

test('a session is renamed; an invalid name is explained', async () => {
  await open();
  await window.run(commandIds.sessionDuplicate, [accept]);
  await window.run(commandIds.sessionRename, [
    pick('Spots'),
    ...enter(' '),
    ...enter('Spots 2'),
    ...enter(' Renamed '),
  ]);
  expect(complaints()).toEqual([expect.stringMatching(/^[A-Z].*name/), 'A session with this name already exists.']);
  expect((await sessions()).map(({ name }) => name).toSorted()).toEqual(['Renamed', 'Spots 2']);
});

test('a duplicate is offered a free name, and has no iterations', async () => {
  await open();
  await window.run(commandIds.sessionDuplicate, [...enter('Spots'), ...enter('Copy')]);
  expect(script.asked[0]?.value).toBe('Spots 2');
  expect(complaints()).toEqual(['A session with this name already exists.']);
  const [first, copy] = await sessions();
  expect(copy).toMatchObject({ name: 'Copy', datasetId: first?.datasetId, epochs: first?.epochs, status: 'created' });
  expect(await beside(({ store }) => store.iterations.list(copy?.id ?? 0))).toEqual([]);
});

/** Run folders of "Spots": one in its place, one elsewhere on the disk. */
async function makeRuns(): Promise<readonly [inside: string, outside: string]> {
  return beside(async ({ store, runsFolder }) => {
    const folders = [join(runsFolder, 'inside'), join(window.home, 'outside')] as const;
    const [iteration] = await store.iterations.list(1);
    for (const [index, folder] of folders.entries()) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'best.pt'), 'weights');
      const run = { id: `run-${index}`, sessionId: 1, iterationId: iteration?.id ?? 0, folder, labelSnapshot: null };
      await store.runs.create({ ...run, job: 'train', state: 'finished' });
    }
    return folders;
  });
}

test('a declined deletion deletes nothing', async () => {
  await open();
  const folders = await makeRuns();
  await window.run(commandIds.sessionDelete, []);
  expect(messages()).toMatchObject([{ severity: 'modal', offers: ['Delete', 'Delete with Models and Runs'] }]);
  expect(await sessions()).toHaveLength(1);
  expect(folders.map((folder) => existsSync(join(folder, 'best.pt')))).toEqual([true, true]);
});

test('a session is deleted without its files', async () => {
  await open();
  const folders = await makeRuns();
  await window.run(commandIds.sessionDelete, [answer('Delete')]);
  expect(await sessions()).toEqual([]);
  expect(folders.map((folder) => existsSync(join(folder, 'best.pt')))).toEqual([true, true]);
});

test('a session is deleted with its files, but nothing behind a link', async () => {
  await open();
  const [inside] = await makeRuns();
  const outside = join(window.home, 'outside');
  rmSync(inside, { recursive: true });
  symlinkSync(window.home, inside);
  const database = new Database(join(window.folder, '.active-learning', 'sessions.db'));
  database.exec(`UPDATE runs SET folder = '${join(inside, 'outside')}'`);
  database.close();
  await window.run(commandIds.sessionDelete, [answer('Delete with Models and Runs')]);
  expect(await sessions()).toEqual([]);
  expect(existsSync(join(outside, 'best.pt'))).toBe(true);
});

test('a session is deleted with its files, except for a run folder in another location', async () => {
  await open();
  const [inside, outside] = await makeRuns();
  const images = await beside(({ store }) => store.images.count({ datasetId: 1 }));
  await window.run(commandIds.sessionDelete, [answer('Delete with Models and Runs')]);
  expect(await sessions()).toEqual([]);
  expect(existsSync(inside)).toBe(false);
  expect(existsSync(join(outside, 'best.pt'))).toBe(true);
  // The dataset is that of other sessions too.
  expect(await beside(({ store }) => store.images.count({ datasetId: 1 }))).toBe(images);
});
