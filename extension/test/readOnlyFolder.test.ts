import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { main } from '../src/cli/main.ts';
import { openWorkspace } from '../src/composition/workspace.ts';
import { commandIds } from '../src/host/ids.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { editorState } from './support/editorState.ts';
import { makePaintedDataset, rowOf, type PaintedObject } from './support/fakePorts.ts';
import { accept, browse, pick } from './support/fakeInput.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import { fakeWindow, treeItem } from './support/fakeWindow.ts';
import { canMakeReadOnly, makeReadOnly } from './support/readOnly.ts';

vi.mock('vscode', () => fakeVscode);
const { activate, deactivate } = await import('../src/host/activate.ts');
const window = fakeWindow({ activate, deactivate });

const tried = mkdtempSync(join(tmpdir(), 'al-read-only-'));
// Needs permissions that bind this user, or the right to mount.
const possible = canMakeReadOnly(tried);
rmSync(tried, { recursive: true });

const spot: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 250 };
const undos: (() => void)[] = [];
afterEach(() => {
  for (const undo of undos.splice(0)) undo();
});

function lock(folder: string): void {
  const undo = makeReadOnly(folder);
  if (undo === null) throw new Error(`${folder} cannot be made read-only.`);
  undos.push(undo);
}

const makeDataset = (): Promise<string> =>
  makePaintedDataset(window.folder, { a: { spots: [spot], label: `${rowOf(spot)}\n` }, b: { spots: [spot] } });

async function makeSession(): Promise<string> {
  const yaml = await makeDataset();
  const { ports, close } = await openWorkspace({ folder: window.folder });
  await createSession(ports, { kind: 'yaml', path: yaml, poolFolders: [] }, { name: 'Parts' });
  await close();
  return yaml;
}

const messages = (): string[] => editorState.seen.flatMap((sight) => (sight.kind === 'message' ? [sight.text] : []));
const raw = /ENOENT|EROFS|EACCES|mkdir|SQLITE/;

async function command(...args: readonly string[]): Promise<{ code: number; printed: string; noted: string }> {
  const printed: string[] = [];
  const noted: string[] = [];
  const code = await main(args, {
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
    signal: new AbortController().signal,
  });
  return { code, printed: printed.join('\n'), noted: noted.join('\n') };
}

test.skipIf(!possible)(
  'a new session of a read-only folder is stored in the chosen location',
  { timeout: 120_000 },
  async () => {
    await makeDataset();
    lock(window.folder);
    await window.openWindow();
    await window.run(commandIds.sessionNew, [pick('With VS Code'), accept, accept, accept]);
    expect(messages().join('\n')).not.toMatch(raw);
    expect(messages()).toContain('Created session "Workspace". Images: 1 labelled to train on, 1 unlabelled.');
    const kept = join(window.home, 'storage', 'sessions');
    const [own = ''] = readdirSync(kept);
    expect(existsSync(join(kept, own, '.active-learning', 'sessions.db'))).toBe(true);
    expect(existsSync(join(window.folder, '.active-learning'))).toBe(false);
    // The next session goes there without a question.
    await window.run(commandIds.sessionNew, [accept, accept, accept]);
    await expect.poll(() => treeItem('Workspace 2'), { timeout: 10_000 }).toBeDefined();
  },
);

test.skipIf(!possible)('a location that is not writable is asked for again', { timeout: 120_000 }, async () => {
  await makeDataset();
  const other = join(window.home, 'other');
  mkdirSync(other);
  lock(window.folder);
  await window.openWindow();
  const places = [
    pick('Choose a Folder…'),
    browse(join(window.folder, 'images')),
    pick('Choose a Folder…'),
    browse(other),
  ];
  await window.run(commandIds.sessionNew, [...places, accept, accept, accept]);
  expect(messages()).toContain(`The folder ${join(window.folder, 'images')} is not writable either.`);
  expect(existsSync(join(other, '.active-learning', 'sessions.db'))).toBe(true);
});

test.skipIf(!possible)(
  'sessions in a read-only folder open view-only and can move elsewhere',
  { timeout: 120_000 },
  async () => {
    await makeSession();
    lock(window.folder);
    await window.openWindow();
    const item = await treeItem('Parts');
    expect(item).toBeDefined();
    const said = `The folder ${window.folder} is read-only, so you can only view its sessions. To train and review, store a copy of them elsewhere.`;
    expect(messages()).toContain(said);
    await window.run(commandIds.datasetRescan, [], item);
    expect(messages()).toEqual([said]);
    await window.run(commandIds.storageChoose, [pick('With VS Code')]);
    expect(messages().join('\n')).not.toMatch(raw);
    const kept = join(window.home, 'storage', 'sessions');
    expect(existsSync(join(kept, readdirSync(kept)[0] ?? '', '.active-learning', 'sessions.db'))).toBe(true);
  },
);

test.skipIf(!possible)(
  'the command line looks at sessions of a read-only folder, and says what helps',
  { timeout: 120_000 },
  async () => {
    const yaml = await makeSession();
    lock(window.folder);
    const place = ['--workspace', window.folder];
    const listed = await command('list', ...place);
    expect(listed).toMatchObject({ code: 0, printed: expect.stringContaining('Parts') });
    expect(listed.noted).toContain('you can only view its sessions');
    expect(await command('status', ...place)).toMatchObject({
      code: 0,
      printed: expect.stringContaining('1 labelled'),
    });
    for (const args of [
      ['create', '--data', yaml, '--name', 'Other'],
      ['delete', '--session', 'Parts'],
    ]) {
      const { code, noted } = await command(...args, ...place);
      expect(code).toBe(1);
      expect(noted).toMatch(/read-only|cannot be written/);
      expect(noted).not.toMatch(/ENOENT|EROFS|EACCES|mkdir/);
    }
    const empty = join(window.folder, 'images');
    const refused = await command('create', '--data', yaml, '--name', 'Other', '--workspace', empty);
    expect(refused.noted).toContain(`Error (storage-read-only): The folder ${empty} is read-only`);
    expect(refused.noted).toContain('--workspace');
    const elsewhere = await command(
      'create',
      '--data',
      yaml,
      '--name',
      'Other',
      '--workspace',
      join(window.home, 'free'),
    );
    expect(elsewhere).toMatchObject({ code: 0, printed: expect.stringContaining('2 images found') });
  },
);
