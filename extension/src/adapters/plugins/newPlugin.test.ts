import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createScorePlugins } from './scorePlugins.ts';
import { newPlugin } from './newPlugin.ts';

const examples = join(import.meta.dirname, '..', '..', '..', 'plugin');
let parent = '';
let folder = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'new-metric-'));
  folder = join(parent, '.active-learning', 'metrics');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

test('a new plug-in is the example with its own id, and works without changes', async () => {
  expect(await newPlugin({ id: 'at-border', folder, examples })).toBe(join(folder, 'at-border.mjs'));
  expect(readdirSync(folder)).toEqual(['at-border.mjs', 'metric.d.ts']);
  const run = await createScorePlugins({ folder, threadPath: join(import.meta.dirname, 'thread.ts') }).open();
  await run.close();
  expect(run.faults).toEqual([]);
  expect(run.scores.map(({ id, title }) => [id, title])).toEqual([['at-border', 'Cut off']]);
});

test('existing files are never changed', async () => {
  await newPlugin({ id: 'mine', folder, examples });
  writeFileSync(join(folder, 'mine.mjs'), 'my own work');
  writeFileSync(join(folder, 'metric.d.ts'), 'my own types');
  await expect(newPlugin({ id: 'mine', folder, examples })).rejects.toMatchObject({
    code: 'file-exists',
    where: join(folder, 'mine.mjs'),
  });
  await newPlugin({ id: 'another', folder, examples });
  expect(readFileSync(join(folder, 'mine.mjs'), 'utf8')).toBe('my own work');
  expect(readFileSync(join(folder, 'metric.d.ts'), 'utf8')).toBe('my own types');
});

test.each(['', 'My metric', '../escape', 'a/b', 'x'.repeat(65)])('"%s" is rejected as an id', async (id) => {
  await expect(newPlugin({ id, folder, examples })).rejects.toMatchObject({ code: 'id-invalid' });
});
