import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test, vi } from 'vitest';
import { commandIds } from '../src/host/ids.ts';
import { desk } from './support/fakeDesk.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import { fakeWindow, treeItem } from './support/fakeWindow.ts';
import { makeReviewWorkspace, type ReviewWorkspace } from './support/reviewWorkspace.ts';
import { asSomebodyElse } from './support/somebodyElse.ts';

vi.mock('vscode', () => fakeVscode);
const { activate, deactivate } = await import('../src/host/activate.ts');
const window = fakeWindow({ activate, deactivate });

const question = 'These sessions came with the folder: you did not make them on this machine. Trust them?';
const refusal =
  'These sessions came with the folder. They can be looked at; training, review and every change need your trust.';

beforeEach(() => {
  desk.choose = () => undefined;
  desk.contexts = new Map();
  desk.message = '';
});

const theirs = (): Promise<ReviewWorkspace> =>
  asSomebodyElse(window.home, () => makeReviewWorkspace(window.folder, { halfVerdict: true }));

function texts(): string[] {
  return desk.seen.flatMap((sight) => (sight.kind === 'message' ? [sight.text] : []));
}

/** Until it holds: a database is opened on a thread of its own, which takes its time on a busy machine. */
const soon = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 40_000, interval: 100 });

function change(sql: string): void {
  const database = new Database(join(window.folder, '.active-learning', 'sessions.db'));
  database.exec(sql);
  database.close();
}

test('sessions that came with the folder are shown behind a question, and nothing else happens', async () => {
  const { name, labelText, files } = await theirs();
  await window.openWindow();
  await soon(() => expect(texts()).toEqual([question]));
  await soon(() => expect(desk.contexts.get('activeLearning:folder.untrusted')).toBe(true));
  expect(await treeItem(name)).toBeDefined();
  expect(desk.message).toContain('came with the folder');
  expect(labelText()).toBeNull();
  await window.run(commandIds.iterationRun, []);
  expect(texts()).toEqual([refusal]);
  await window.run(commandIds.sessionDelete, []);
  expect(texts()).toEqual([refusal]);
  const left = readdirSync(join(window.folder, '.active-learning')).filter((each) => !/-(wal|shm)$/u.test(each));
  expect(left.toSorted()).toEqual(files);
});

test('"Trust" opens them in earnest, and no other window asks again', async () => {
  const { labelText, halfVerdict } = await theirs();
  desk.choose = (text) => (text === question ? 'Trust' : undefined);
  await window.openWindow();
  await soon(() => expect(labelText()).toBe(halfVerdict));
  await soon(() => expect(desk.message).toBe(''));
  expect(desk.contexts.get('activeLearning:folder.untrusted')).toBe(false);
  await deactivate();
  desk.contexts.clear();
  await window.openWindow();
  await soon(() => expect(desk.contexts.get('activeLearning:folder.untrusted')).toBe(false));
  expect(texts()).not.toContain(question);
});

test('the question before trust names the places outside', async () => {
  await theirs();
  const victim = join(window.home, 'victim');
  change(`UPDATE dataset_roots SET path = '${victim}'`);
  desk.choose = (text) => (text === question ? 'Trust' : undefined);
  await window.openWindow();
  await soon(() =>
    expect(desk.seen).toContainEqual(
      expect.objectContaining({ severity: 'modal', detail: expect.stringContaining(victim) }),
    ),
  );
});

test('"Only Look" is kept in mind; the command trusts later', async () => {
  const { labelText, halfVerdict } = await theirs();
  desk.choose = (text) => (text === question ? 'Only Look' : undefined);
  await window.openWindow();
  await soon(() => expect(texts()).toEqual([question]));
  await deactivate();
  desk.choose = () => undefined;
  desk.contexts.clear();
  await window.openWindow();
  await soon(() => expect(desk.contexts.get('activeLearning:folder.untrusted')).toBe(true));
  expect(texts()).toEqual([]);
  desk.choose = (text) => (text === question ? 'Trust' : undefined);
  await window.run(commandIds.folderTrust, []);
  expect(labelText()).toBe(halfVerdict);
  desk.choose = () => undefined;
  await window.run(commandIds.folderTrust, []);
  expect(texts()).toEqual(['You made or trust all sessions here, so there is nothing to trust.']);
});

test('sessions of an older version are not shown before trust, and all are there after it', async () => {
  const { name } = await theirs();
  change('DROP TABLE folder_ids; PRAGMA user_version = 5');
  await window.openWindow();
  await soon(() => expect(desk.contexts.get('activeLearning:view.error')).toBe('untrusted-folder'));
  expect(await treeItem(name)).toBeUndefined();
  expect(desk.seen).toContainEqual(
    expect.objectContaining({ severity: 'error', offers: [commandIds.folderTrust, commandIds.logShow] }),
  );
  desk.choose = (text) => (text === question ? 'Trust' : undefined);
  await window.run(commandIds.folderTrust, []);
  expect(await treeItem(name)).toBeDefined();
});

test('a new session in a folder that came with metrics asks first', async () => {
  const metrics = join(window.folder, '.active-learning', 'metrics');
  mkdirSync(metrics, { recursive: true });
  writeFileSync(join(metrics, 'mine.mjs'), 'throw new Error("nobody asked")');
  await window.openWindow();
  await window.run(commandIds.sessionNew, []);
  expect(texts()).toEqual(['These files came with the folder: you did not make them on this machine. Trust them?']);
  expect(readdirSync(join(window.folder, '.active-learning'))).toEqual(['metrics']);
});

test('Restricted Mode comes first, and its end leaves the question', async () => {
  const { labelText } = await theirs();
  desk.trusted = false;
  await window.openWindow();
  expect(texts()).toEqual([]);
  await treeItem('whatever: the folder is open then');
  desk.trusted = true;
  await window.run(commandIds.viewRefresh, []);
  await soon(() => expect(texts()).toContain(question));
  expect(labelText()).toBeNull();
});
