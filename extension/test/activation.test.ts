import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { extensionBuild } from '../../scripts/lib/build.mjs';

const entry = 'extension/src/host/activate.ts';

test('activation evaluates small code of our own alone; schemas, natives and use cases come when they are needed', async () => {
  const { metafile } = await build({ ...extensionBuild(), plugins: [], metafile: true, sourcemap: false });
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
});
