import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { extensionBuild } from '../../scripts/lib/build.ts';

const entry = 'extension/src/host/activate.ts';

/** What the host loads after activation: one module for each folder. */
const lazyBoundaries = [
  'commands/table.ts',
  'environment/deferred.ts',
  'panels/createPanels.ts',
  'running/deferred.ts',
  'tasks/deferred.ts',
  'trees/deferred.ts',
  'workspace/deferred.ts',
].map((file) => `extension/src/host/${file}`);

test('activation loads only small files of the host; schemas, natives and use cases load when needed', async () => {
  const { metafile } = await build({
    ...extensionBuild(),
    plugins: [],
    write: false,
    metafile: true,
    sourcemap: false,
  });
  const eager = new Set<string>();
  const externals = new Set<string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (eager.has(file)) continue;
    eager.add(file);
    for (const { kind, path, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import') continue;
      if (external === true) externals.add(path);
      else queue.push(path);
    }
  }
  expect([...externals].filter((name) => name !== 'vscode' && !name.startsWith('node:'))).toEqual([]);
  expect([...eager].filter((file) => file.includes('node_modules') || file.includes('/adapters/'))).toEqual([]);
  const bytes = [...eager].reduce((sum, file) => sum + (metafile.inputs[file]?.bytes ?? 0), 0);
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThan(200_000);
  // A file of the host is loaded lazily through the `deferred.ts` of its folder, or not at all.
  const lazy = new Set(
    Object.entries(metafile.inputs)
      .filter(([file]) => file.startsWith('extension/src/host/'))
      .flatMap(([, { imports }]) => imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path)),
  );
  expect([...lazy].toSorted()).toEqual(lazyBoundaries);
});
