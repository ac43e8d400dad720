import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ListRow } from '../src/host/ui/window.ts';
import type * as Vscode from 'vscode';
import { beforeEach, expect, test, vi } from 'vitest';
import { patches } from '../src/core/duplicates/testing.ts';
import { hashPicture } from '../src/core/duplicates/perceptualHash.ts';
import type { HostContext } from '../src/host/context.ts';
import type { ImageList } from '../src/workflow/review/imageVerdicts.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { editorState } from './support/editorState.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import sharp from 'sharp';
import { fakeFolder } from './support/fakeFolder.ts';
import { bench, useWorkspaces } from './support/useCaseBench.ts';

const shown: { labels: string[]; placeholder: string }[] = [];
const answers: string[] = [];
/** The lists that a grid was asked to show. */
const grids: ImageList[] = [];
vi.mock('vscode', () => fakeVscode);
vi.mock('../src/host/session/multiStep.ts', () => {
  const back = Symbol('back');
  return {
    back,
    pickItem: ({ items, placeholder }: { items: readonly ListRow[]; placeholder: string }) => {
      shown.push({
        labels: items.map(({ icon, label }) => (icon === undefined ? label : `${icon}: ${label}`)),
        placeholder,
      });
      const wanted = answers.shift() ?? '';
      return Promise.resolve(items.find(({ label }) => wanted !== '' && label.includes(wanted)) ?? back);
    },
  };
});
const { findDuplicatesCommand } = await import('../src/host/commands/duplicates.ts');
const { FolderContext } = await import('../src/host/workspace/folderContext.ts');

useWorkspaces('al find ');
let root = '';
let ports: Ports;
beforeEach(() => {
  ({ root, ports } = bench());
  editorState.folder = root;
  editorState.trusted = true;
  shown.length = 0;
  grids.length = 0;
});

/** A scene from a seed. */
async function put(path: string, seed: number, label?: string): Promise<void> {
  const [folder, name] = [join(root, 'images', path), `${path.replace(/.*\//, '')}.png`];
  await mkdir(join(folder, '..'), { recursive: true });
  const raw = { width: hashPicture.width, height: hashPicture.height, channels: 1 as const };
  await sharp(patches(seed), { raw })
    .resize(144, 128, { kernel: 'nearest' })
    .png()
    .toFile(join(folder, '..', name));
  if (label === undefined) return;
  const labels = join(root, 'labels', path, '..');
  await mkdir(labels, { recursive: true });
  await writeFile(join(labels, name.replace('.png', '.txt')), label);
}

/** Runs the command. @returns the problems by file name. */
async function find(): Promise<Record<string, string[]>> {
  await writeFile(join(root, 'data.yaml'), 'path: .\ntrain: images/train\nval: images/val\nnames: [a]\n');
  const source = { kind: 'yaml', path: join(root, 'data.yaml'), poolFolders: [] } as const;
  const settings = { name: 'Scenes', baseModel: 'yolov8n.yaml', imageSize: 64 };
  const { session } = await createSession(ports, source, settings);
  const other = new fakeVscode.Diagnostic(new fakeVscode.Range(0, 0, 0, 0), 'Something else.', 0);
  const known = new Map<string, { code?: string; message?: string }[]>();
  const train = join(root, 'images', 'train', 'trained.png');
  known.set(train, [
    Object.assign(other, { code: 'row-invalid', message: 'other' }),
    { code: 'content-leak', message: 'old' },
  ]);
  const diagnostics = {
    get: (uri: Vscode.Uri) => known.get(uri.fsPath),
    set: (uri: Vscode.Uri, list: { code?: string }[]) => void known.set(uri.fsPath, list),
    forEach: (visit: (uri: Vscode.Uri, list: { code?: string }[]) => void) => {
      for (const [path, list] of known) visit(fakeVscode.Uri.file(path) as unknown as Vscode.Uri, list);
    },
  };
  const folder = fakeFolder(FolderContext, ports);
  const panels = { showGrid: async (_ref: unknown, list: ImageList) => void grids.push(list) };
  await findDuplicatesCommand({ diagnostics, panels } as unknown as HostContext, { folder, sessionId: session.id });
  return Object.fromEntries([...known].map(([path, list]) => [basename(path), list.map(({ code = '' }) => code)]));
}

const box = '0 0.5 0.5 0.2 0.2\n';

test('shows the groups, opens the selected image, and adds the leaks to the problems', async () => {
  await put('val/held', 1, box);
  await put('train/trained', 1, box);
  await put('train/pool a', 2);
  await put('train/pool b', 2);
  await put('train/lonely', 3);
  const open = vi.spyOn(fakeVscode.commands, 'executeCommand').mockResolvedValue(undefined);
  answers.push('pool b', '');
  const problems = await find();
  expect(shown).toHaveLength(2);
  expect(shown[0]?.labels).toEqual([
    'symbol-array: Show as pictures',
    'Across the validation split (inflates the metrics)',
    'file-media: held.png',
    'indent: trained.png',
    'Within the pool',
    'file-media: pool a.png',
    'indent: pool b.png',
  ]);
  expect(shown[0]?.placeholder).toContain('5 images: 2 duplicates in 2 groups');
  expect(open.mock.calls.map(([command, uri]) => [command, basename(String(uri))])).toEqual([
    ['vscode.open', 'pool%20b.png'],
  ]);
  open.mockRestore();
  expect(problems).toEqual({ 'trained.png': ['row-invalid', 'content-leak'] });
});

test('shows the groups as pictures, those across the validation split first', async () => {
  await put('val/held', 1, box);
  await put('train/pool a', 2);
  await put('train/trained', 1, box);
  await put('train/pool b', 2);
  await put('train/lonely', 3);
  answers.push('Show as pictures');
  await find();
  const [list] = grids;
  expect(list?.title).toBe('Duplicates in "Scenes"');
  const names: string[] = [];
  for (const id of list?.images ?? []) names.push(basename((await ports.store.images.get(id))?.relativePath ?? ''));
  expect(names).toEqual(['held.png', 'trained.png', 'pool a.png', 'pool b.png']);
});

test('reports that there are no duplicates, and removes old leaks from the problems', async () => {
  await put('val/held', 1, box);
  await put('train/trained', 2, box);
  editorState.seen = [];
  const problems = await find();
  expect(shown).toEqual([]);
  const text = 'Found no duplicates among the 2 images of "Scenes".';
  expect(editorState.seen).toContainEqual({ kind: 'message', detail: '', severity: 'info', text, offers: [] });
  expect(problems).toEqual({ 'trained.png': ['row-invalid'] });
});
