import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openWorkspace } from '../src/composition/workspace.ts';
import { builtInScores } from '../src/core/uncertainty/registry.ts';
import { pluginScores } from '../src/workflow/session/uncertaintyScore.ts';
import { fakeVscode } from './support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { scoreItems } = await import('../src/host/session/askSetting.ts');

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'picker-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a valid plug-in is offered by its title among the built-in scores', async () => {
  const folder = join(root, '.active-learning', 'metrics');
  mkdirSync(folder, { recursive: true });
  const code = `export default { id: 'mine', title: 'My own', description: 'What I look for.', compute: () => 0 };`;
  writeFileSync(join(folder, 'mine.mjs'), code);
  writeFileSync(join(folder, 'wrong.mjs'), '}');
  const { ports, close } = await openWorkspace({ folder: root, trust: true });
  const plugins = await pluginScores(ports);
  await close();
  const values = (current: string) => scoreItems(current, plugins).map(({ value }) => value);
  const builtIn = builtInScores.map(({ id }) => id);
  expect(values('entropy').slice(0, -1)).toEqual([...builtIn, 'mine']);
  expect(values('mine').slice(0, -1)).toEqual([...builtIn, 'mine']);
  // The selected score stays visible, even if its plug-in is gone.
  expect(values('gone').slice(0, -1)).toEqual([...builtIn, 'mine', 'gone']);
  const item = scoreItems('entropy', plugins).find(({ value }) => value === 'mine');
  expect(item).toMatchObject({ icon: 'extensions', label: 'My own', description: 'mine', detail: 'What I look for.' });
});
