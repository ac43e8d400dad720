import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test, vi } from 'vitest';
import { commandIds } from '../src/host/ids.ts';
import { editorState } from './support/editorState.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import { fakeWindow, treeItem } from './support/fakeWindow.ts';
import { makeReviewWorkspace, type ReviewWorkspace } from './support/reviewWorkspace.ts';
import { asSomebodyElse } from './support/somebodyElse.ts';
import { toVersion5 } from './support/olderDatabase.ts';

vi.mock('vscode', () => fakeVscode);
const { activate, deactivate } = await import('../src/host/activate.ts');
const window = fakeWindow({ activate, deactivate });

const question = 'These sessions came with the folder and were not created by you on this machine. Do you trust them?';
const refusal = 'These sessions came with the folder and are view-only. Trust them to train, review or make changes.';

beforeEach(() => {
  editorState.choose = () => undefined;
  editorState.contexts = new Map();
  editorState.message = '';
});

const theirs = (): Promise<ReviewWorkspace> =>
  asSomebodyElse(window.home, () => makeReviewWorkspace(window.folder, { halfVerdict: true }));

function texts(): string[] {
  return editorState.seen.flatMap((sight) => (sight.kind === 'message' ? [sight.text] : []));
}

/** Waits until it holds: a separate thread opens the database, which is slow on a busy machine. */
const soon = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 40_000, interval: 100 });

function change(sql: string): void {
  const database = new Database(join(window.folder, '.active-learning', 'sessions.db'));
  database.exec(sql);
  database.close();
}

test('sessions that came with the folder are view-only until the user answers', async () => {
  const { name, labelText, files } = await theirs();
  await window.openWindow();
  await soon(() => expect(texts()).toEqual([question]));
  await soon(() => expect(editorState.contexts.get('activeLearning:folder.untrusted')).toBe(true));
  expect(await treeItem(name)).toBeDefined();
  expect(editorState.message).toContain('came with the folder');
  expect(labelText()).toBeNull();
  await window.run(commandIds.iterationRun, []);
  expect(texts()).toEqual([refusal]);
  await window.run(commandIds.sessionDelete, []);
  expect(texts()).toEqual([refusal]);
  const left = readdirSync(join(window.folder, '.active-learning')).filter((each) => !/-(wal|shm)$/u.test(each));
  expect(left.toSorted()).toEqual(files);
});

test('"Trust" opens them for writing, and no other window asks again', async () => {
  const { labelText, halfVerdict } = await theirs();
  editorState.choose = (text) => (text === question ? 'Trust' : undefined);
  await window.openWindow();
  await soon(() => expect(labelText()).toBe(halfVerdict));
  await soon(() => expect(editorState.message).toBe(''));
  expect(editorState.contexts.get('activeLearning:folder.untrusted')).toBe(false);
  await deactivate();
  editorState.contexts.clear();
  await window.openWindow();
  await soon(() => expect(editorState.contexts.get('activeLearning:folder.untrusted')).toBe(false));
  expect(texts()).not.toContain(question);
});

test('the trust question lists locations outside the workspace', async () => {
  await theirs();
  const victim = join(window.home, 'victim');
  change(`UPDATE dataset_roots SET path = '${victim}'`);
  editorState.choose = (text) => (text === question ? 'Trust' : undefined);
  await window.openWindow();
  await soon(() =>
    expect(editorState.seen).toContainEqual(
      expect.objectContaining({ severity: 'modal', detail: expect.stringContaining(victim) }),
    ),
  );
});

test('"View Only" is remembered; the command can trust later', async () => {
  const { labelText, halfVerdict } = await theirs();
  editorState.choose = (text) => (text === question ? 'View Only' : undefined);
  await window.openWindow();
  await soon(() => expect(texts()).toEqual([question]));
  await deactivate();
  editorState.choose = () => undefined;
  editorState.contexts.clear();
  await window.openWindow();
  await soon(() => expect(editorState.contexts.get('activeLearning:folder.untrusted')).toBe(true));
  expect(texts()).toEqual([]);
  editorState.choose = (text) => (text === question ? 'Trust' : undefined);
  await window.run(commandIds.folderTrust, []);
  expect(labelText()).toBe(halfVerdict);
  editorState.choose = () => undefined;
  await window.run(commandIds.folderTrust, []);
  expect(texts()).toEqual(['You created or already trust all sessions in this workspace.']);
});

test('sessions of an older version are shown only after trust', async () => {
  const { name } = await theirs();
  change(toVersion5);
  await window.openWindow();
  await soon(() => expect(editorState.contexts.get('activeLearning:view.error')).toBe('untrusted-folder'));
  expect(await treeItem(name)).toBeUndefined();
  expect(editorState.seen).toContainEqual(
    expect.objectContaining({ severity: 'error', offers: [commandIds.folderTrust, commandIds.logShow] }),
  );
  editorState.choose = (text) => (text === question ? 'Trust' : undefined);
  await window.run(commandIds.folderTrust, []);
  expect(await treeItem(name)).toBeDefined();
});

test('a new session in a folder that came with score plug-ins asks first', async () => {
  const metrics = join(window.folder, '.active-learning', 'metrics');
  mkdirSync(metrics, { recursive: true });
  writeFileSync(join(metrics, 'mine.mjs'), 'throw new Error("nobody asked")');
  await window.openWindow();
  await window.run(commandIds.sessionNew, []);
  expect(texts()).toEqual([
    'These files came with the folder and were not created by you on this machine. Do you trust them?',
  ]);
  expect(readdirSync(join(window.folder, '.active-learning'))).toEqual(['metrics']);
});

test('Restricted Mode comes first; the question follows once the workspace is trusted', async () => {
  const { labelText } = await theirs();
  editorState.trusted = false;
  await window.openWindow();
  expect(texts()).toEqual([]);
  await treeItem('whatever: the folder is open then');
  editorState.trusted = true;
  await window.run(commandIds.viewRefresh, []);
  await soon(() => expect(texts()).toContain(question));
  expect(labelText()).toBeNull();
});
