import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { openWorkspace } from '../src/composition/workspace.ts';
import { commandIds } from '../src/host/ids.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { createFile, editorState } from './support/editorState.ts';
import { makePaintedDataset, paintObjects, type PaintedObject } from './support/fakePorts.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import { fakeWindow, treeItem } from './support/fakeWindow.ts';
import { asSomebodyElse } from './support/somebodyElse.ts';

vi.mock('vscode', () => fakeVscode);
const { activate, deactivate } = await import('../src/host/activate.ts');
const window = fakeWindow({ activate, deactivate });

const spot: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 250 };

const messages = (): string[] => editorState.seen.flatMap((sight) => (sight.kind === 'message' ? [sight.text] : []));

async function copyImage(folder: string, name: string, mark: number): Promise<void> {
  const path = join(folder, `${name}.png`);
  await paintObjects(path, [spot], mark);
  createFile(path);
}

const watched = vi.spyOn(fakeVscode.workspace, 'createFileSystemWatcher');
beforeEach(() => {
  watched.mockClear();
  editorState.choose = () => undefined;
});

test(
  'images that appear in a dataset or its pool are spoken of once, and read on request',
  { timeout: 120_000 },
  async () => {
    const data = join(window.folder, 'data');
    const pool = join(window.home, 'pool elsewhere');
    mkdirSync(pool, { recursive: true });
    await paintObjects(join(pool, 'known.png'), [spot], 50);
    const yaml = await makePaintedDataset(data, { a: { spots: [spot] }, b: { spots: [spot] } });
    const { ports, close } = await openWorkspace({ folder: window.folder });
    await createSession(ports, { kind: 'yaml', path: yaml, poolFolders: [pool] }, { name: 'Parts' });
    await close();
    await window.openWindow();
    await treeItem('Parts');
    await expect.poll(() => watched.mock.calls.length, { timeout: 30_000 }).toBe(2);
    expect(watched.mock.calls.map(([pattern]: readonly unknown[]) => pattern)).toMatchObject([
      { base: data, pattern: '**/*' },
      { base: pool, pattern: '**/*' },
    ]);

    await copyImage(pool, 'first', 51);
    await copyImage(join(data, 'images', 'train'), 'second', 52);
    // A file that an editor replaced, and what no dataset reads.
    createFile(join(pool, 'known.png'));
    createFile(join(pool, 'notes.txt'));
    editorState.choose = (_text, labels) => labels.find((label) => label === 'Rescan Dataset');
    const offer = 'Found 2 new images in the dataset of "Parts".';
    await expect.poll(messages, { timeout: 60_000 }).toContain(offer);
    await expect.poll(messages, { timeout: 60_000 }).toContain('Rescanned the dataset: 2 new images.');
    expect(messages().filter((text) => text === offer)).toHaveLength(1);
  },
);

test(
  'sessions that came with the folder choose nothing to watch before they are trusted',
  { timeout: 120_000 },
  async () => {
    const elsewhere = join(window.home, 'elsewhere');
    mkdirSync(elsewhere, { recursive: true });
    await paintObjects(join(elsewhere, 'a.png'), [spot], 50);
    await asSomebodyElse(window.home, async () => {
      const { ports, close } = await openWorkspace({ folder: window.folder });
      const source = { kind: 'folder', path: elsewhere, classNames: ['spot'], poolFolders: [] } as const;
      await createSession(ports, source, { name: 'Theirs' });
      await close();
    });
    await window.openWindow();
    await treeItem('Theirs');
    expect(watched).not.toHaveBeenCalled();
    editorState.choose = (_text, labels) => labels.find((label) => label === 'Trust');
    await window.run(commandIds.folderTrust, []);
    await expect.poll(() => watched.mock.calls.length, { timeout: 30_000 }).toBe(1);
    expect(watched.mock.calls[0]?.[0 as never]).toMatchObject({ base: elsewhere });
  },
);
