import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPlugins } from './findPlugins.ts';

const metric = "export default { id: 'a', compute: () => 1 };\n";

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metrics-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

describe('the files of plug-ins', () => {
  test('are directly in the folder, in the order of their names', async () => {
    for (const name of ['b.js', 'a.mjs', 'types.d.ts', 'notes.md', 'lib/shared.mjs', 'node_modules/x/index.js'])
      put(name, '');
    expect((await findPlugins(folder)).map(({ file }) => file)).toEqual([join(folder, 'a.mjs'), join(folder, 'b.js')]);
  });

  test('change with the files that they import from subfolders', async () => {
    put('a.mjs', metric);
    put('lib/shared.mjs', 'export const half = 0.5;');
    const [before] = await findPlugins(folder);
    expect(await findPlugins(folder)).toEqual([before]);
    put('lib/shared.mjs', 'export const half = 0.4;');
    const [after] = await findPlugins(folder);
    expect(after?.digest).not.toBe(before?.digest);
    put('notes.md', 'Begun on a Monday.');
    put('metric.d.ts', 'export type MetricPlugin = unknown;');
    expect((await findPlugins(folder))[0]?.digest).toBe(after?.digest);
  });

  test.each(['b.mjs', 'b.js', 'b.cjs', 'b.json'])(
    'change with %s next to them, which they may import',
    async (name) => {
      put('a.mjs', metric);
      put(name, '0.5');
      const [before] = await findPlugins(folder);
      put(name, '0.4');
      const [after] = await findPlugins(folder);
      expect(after?.file).toBe(before?.file);
      expect(after?.digest).not.toBe(before?.digest);
    },
  );
});
