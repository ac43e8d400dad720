import { EventEmitter, once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createUserRecord } from '../src/adapters/userRecord/createUserRecord.ts';
import { openWorkspace } from '../src/composition/workspace.ts';
import { defaultSettings } from '../src/core/session/settings.ts';
import { commandIds } from '../src/host/ids.ts';
import type { DatasetRow } from '../src/workflow/ports/store/datasets.ts';
import type { SessionRow } from '../src/workflow/ports/store/sessions.ts';
import { editorState } from './support/editorState.ts';
import { makePaintedDataset, paintObjects, rowOf, type PaintedObject } from './support/fakePorts.ts';
import { accept, browse, enter, escape, goBack, pick, script, type Act } from './support/fakeInput.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import { fakeWindow } from './support/fakeWindow.ts';

vi.mock('vscode', () => fakeVscode);
const { activate, deactivate } = await import('../src/host/activate.ts');
const window = fakeWindow({ activate, deactivate });

const spot: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 250 };
const labelled = { spots: [spot], label: `${rowOf(spot)}\n` };

const makeDataset = (name: string): Promise<string> =>
  makePaintedDataset(join(window.folder, name), { a: labelled, b: { spots: [spot] } });

/** A folder of unlabelled pictures without a description. */
async function makeFolder(name: string): Promise<string> {
  const path = join(window.folder, name);
  mkdirSync(path, { recursive: true });
  await paintObjects(join(path, 'one.png'), [spot], name.length);
  return path;
}

const wizard = (acts: readonly Act[]): Promise<void> => window.run(commandIds.sessionNew, acts);

async function stored(): Promise<{ readonly sessions: readonly SessionRow[]; readonly datasets: DatasetRow[] }> {
  const { ports, close } = await openWorkspace({ folder: window.folder });
  const found = { sessions: await ports.store.sessions.list(), datasets: await ports.store.datasets.list() };
  await close();
  return found;
}

const titles = (): (readonly [string, number | undefined])[] => script.asked.map(({ title, step }) => [title, step]);

test('pressing Enter three times creates a session with the defaults', async () => {
  const yaml = await makeDataset('machined_parts');
  await window.openWindow();
  await wizard([accept, accept, accept]);
  expect(titles()).toEqual([1, 2, 3].map((step) => ['New Training Session', step]));
  const { sessions, datasets } = await stored();
  expect(sessions).toMatchObject([
    { name: 'Machined parts', baseModel: defaultSettings.baseModel, epochs: defaultSettings.epochs, status: 'created' },
  ]);
  expect(datasets).toMatchObject([{ source: { kind: 'yaml', path: yaml, poolFolders: [] } }]);
  const told = editorState.seen.find((sight) => sight.kind === 'message');
  expect(told).toMatchObject({
    text: 'Created session "Machined parts". Images: 1 labelled to train on, 1 unlabelled.',
  });
});

test('weights in the folder become the base model only if the user chose them before', async () => {
  await makeDataset('parts');
  const weights = join(window.folder, 'models', defaultSettings.baseModel);
  mkdirSync(join(window.folder, 'models'));
  writeFileSync(weights, 'whoever made them');
  await window.openWindow();
  await wizard([accept, accept, accept]);
  const { files } = createUserRecord();
  expect((await stored()).sessions).toMatchObject([{ baseModel: defaultSettings.baseModel }]);
  expect(await files.isKnown(weights)).toBe(false);
  await files.remember(weights, 'user');
  await wizard([accept, accept, accept]);
  expect((await stored()).sessions).toMatchObject([{ baseModel: defaultSettings.baseModel }, { baseModel: weights }]);
});

test('the list of datasets opens before the search ends, and Enter waits for a choice', async () => {
  await makeDataset('parts');
  await window.openWindow();
  const search = new EventEmitter();
  editorState.search = once(search, 'end');
  const running = wizard([{ do: 'accept', early: true }, accept, escape]);
  await expect.poll(() => script.asked.length).toBe(1);
  // Enter was pressed on a list that is being filled.
  await expect.poll(() => script.acts.length).toBe(2);
  const [list] = script.asked;
  expect(list).toMatchObject({ busy: true, active: 'Looking for images…' });
  expect(list?.rows.map(([label]) => label)).toContain('Choose a data.yaml…');
  search.emit('end');
  await running;
  expect(list?.rows[0]).toEqual([join('parts', 'data.yaml'), 'dataset']);
  expect(list?.rows.map(([label]) => label)).not.toContain('Looking for images…');
  expect(titles().map(([, step]) => step)).toEqual([1, 2]);
});

test('a failed search keeps the datasets in other locations', async () => {
  const yaml = await makeDataset('parts');
  const search = vi.spyOn(fakeVscode.workspace, 'findFiles').mockRejectedValue(new Error('ripgrep is gone'));
  onTestFinished(() => search.mockRestore());
  await window.openWindow();
  await wizard([accept, browse(yaml), accept, accept]);
  expect(script.asked[0]?.rows.map(([label]) => label)).toEqual([
    'The folder could not be searched. The log says why.',
    '',
    'Choose a data.yaml…',
    'Choose a folder of images…',
  ]);
  expect((await stored()).datasets).toMatchObject([{ source: { path: yaml } }]);
});

test('a search that stops early reports that there are more images', async () => {
  const many = join(window.folder, 'many');
  mkdirSync(many);
  for (let n = 0; n < 5001; n++) writeFileSync(join(many, `${n}.jpg`), '');
  await window.openWindow();
  await wizard([escape]);
  expect(script.asked[0]?.rows[0]).toEqual(['many', '5,000+ images without a data.yaml']);
});

test('the last typed name is used, in either place', async () => {
  await makeDataset('parts');
  await window.openWindow();
  await wizard([accept, accept, pick('Name'), ...enter('From the list'), goBack, ...enter('Typed later'), accept]);
  expect(script.asked.filter(({ step }) => step === 2).map(({ value }) => value)).toEqual(['Parts', 'From the list']);
  expect((await stored()).sessions.map(({ name }) => name)).toEqual(['Typed later']);
  await wizard([accept, accept, pick('Name'), ...enter('From the list'), pick('Create')]);
  expect((await stored()).sessions.map(({ name }) => name)).toEqual(['Typed later', 'From the list']);
});

test('another dataset suggests another name, unless the user typed one', async () => {
  await makeDataset('parts');
  await makeDataset('screws');
  await window.openWindow();
  await wizard([pick('parts'), goBack, pick('screws'), goBack, escape]);
  expect(script.asked.filter(({ step }) => step === 2).map(({ value }) => value)).toEqual(['Parts', 'Screws']);
  // The list comes back to what was chosen.
  expect(script.asked.at(-1)?.active).toBe(join('screws', 'data.yaml'));
  await wizard([pick('parts'), ...enter('Mine'), goBack, goBack, pick('screws'), accept, accept]);
  const { sessions, datasets } = await stored();
  expect(sessions.map(({ name }) => name)).toEqual(['Mine']);
  expect(datasets[0]?.source.path).toContain('screws');
});

test('settings and additional folders survive going back', async () => {
  await makeDataset('parts');
  const [one, two] = [await makeFolder('pool'), await makeFolder('pool two')];
  await window.openWindow();
  const add = [pick('Further folders'), pick('Add…'), browse(one, two), pick('Add…'), browse(one), pick('Done')];
  const first = [pick('data.yaml'), accept, pick('Epochs'), ...enter('7'), ...add];
  await wizard([...first, goBack, goBack, pick('data.yaml'), accept, accept]);
  const last = script.asked.at(-1);
  expect(last?.rows).toContainEqual(['Further folders of unlabelled images', 'pool, pool two']);
  const { sessions, datasets } = await stored();
  expect(sessions).toMatchObject([{ epochs: 7 }]);
  expect(datasets).toMatchObject([{ source: { poolFolders: [one, two] } }]);
});

test('folders are removed with their button, or with Enter and a confirmation', async () => {
  await makeDataset('parts');
  const folders = [await makeFolder('first'), await makeFolder('second'), await makeFolder('third')];
  await window.openWindow();
  const add = [pick('data.yaml'), accept, pick('Further folders'), pick('Add…'), browse(...folders)];
  const press: Act = { do: 'press', button: 'Remove', row: 'second' };
  const ask = [pick('first'), pick('Keep'), pick('third'), escape, pick('first'), pick('Remove')];
  await wizard([...add, press, ...ask, escape, pick('Create')]);
  expect(script.asked.map(({ text }) => text)).toContainEqual(
    expect.stringContaining('Remove first? Its images are no longer chosen, trained on or measured with'),
  );
  expect((await stored()).datasets).toMatchObject([{ source: { poolFolders: [folders[2]] } }]);
  // Another session shows them, and leaves them alone.
  const look = [pick('Further folders'), pick('third'), pick('Done')];
  await wizard([pick('data.yaml'), accept, ...look, pick('Create')]);
  const list = script.asked.find(({ title }) => title.endsWith('Folders'));
  expect(list?.rows).toContainEqual(['third', 'used by other sessions; it can be removed in "Edit Session"']);
  expect((await stored()).datasets).toMatchObject([{ source: { poolFolders: [folders[2]] } }]);
});

test('an invalid value is explained while the user types', async () => {
  await makeDataset('parts');
  await window.openWindow();
  await wizard([accept, accept, accept]);
  await wizard([
    accept,
    ...enter(' '),
    ...enter('Parts'),
    ...enter('Other'),
    pick('Image size'),
    ...enter('250'),
    escape,
  ]);
  const complaints = script.asked.flatMap((asked) => [...new Set(asked.complaints)]);
  expect(complaints).toEqual([
    expect.stringMatching(/^[A-Z].*name/),
    'A session with this name already exists.',
    expect.stringMatching(/^[A-Z].*multiple of 32/),
  ]);
  expect((await stored()).sessions).toHaveLength(1);
});

test('Escape in the input of a setting returns to the list', async () => {
  await makeDataset('parts');
  await window.openWindow();
  await wizard([
    accept,
    accept,
    pick('Epochs'),
    ...enter('9'),
    pick('Seed'),
    escape,
    pick('Strategy'),
    escape,
    pick('Create'),
  ]);
  expect((await stored()).sessions).toMatchObject([{ epochs: 9, strategy: defaultSettings.strategy }]);
});

test('a plain folder needs class names; a known one suggests them', async () => {
  const folder = await makeFolder('pictures');
  await window.openWindow();
  await wizard([pick('pictures'), goBack, pick('pictures'), ...enter(' scratch,dent '), accept, accept]);
  expect((await stored()).datasets).toMatchObject([
    { source: { kind: 'folder', path: folder, classNames: ['scratch', 'dent'] } },
  ]);
  await wizard([pick('pictures'), ...enter('dent, scratch'), ...enter('scratch, dent, hole'), accept, accept]);
  const classes = script.asked[1];
  expect(classes?.value).toBe('scratch, dent');
  expect(classes?.complaints).toContain(
    'Other sessions use this folder with the classes scratch, dent. Keep them in this order; new ones may follow.',
  );
  const { sessions, datasets } = await stored();
  expect(sessions.map(({ name }) => name)).toEqual(['Pictures', 'Pictures 2']);
  expect(datasets).toMatchObject([{ classNames: ['scratch', 'dent', 'hole'] }]);
});

test('answers survive a dataset that cannot be read', async () => {
  await makeDataset('parts');
  const broken = join(window.folder, 'broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'data.yaml'), 'train: nowhere\nnames: [a]\n');
  await window.openWindow();
  await wizard([
    pick('broken'),
    ...enter('Mine'),
    pick('Epochs'),
    ...enter('9'),
    pick('Create'),
    pick('parts'),
    accept,
    accept,
  ]);
  const error = editorState.seen.find((sight) => sight.kind === 'message' && sight.severity === 'error');
  expect(error).toMatchObject({ text: expect.stringContaining('nowhere') });
  expect((await stored()).sessions).toMatchObject([{ name: 'Mine', epochs: 9 }]);
});

test('cancelling the reading of the dataset creates no session and shows no error', async () => {
  await makeDataset('parts');
  await window.openWindow();
  editorState.cancelsProgress = true;
  await wizard([accept, accept, accept]);
  expect(editorState.seen.filter((sight) => sight.kind === 'message')).toEqual([]);
  expect((await stored()).sessions).toEqual([]);
});
