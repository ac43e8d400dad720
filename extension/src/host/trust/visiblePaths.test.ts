import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { editorState } from '../../../test/support/editorState.ts';
import { fakeVscode } from '../../../test/support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { mayShowPath } = await import('./visiblePaths.ts');

test('of sessions that are only looked at, what really lies in the workspace may be seen', async () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'al-see-')));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  editorState.folder = join(home, 'workspace');
  mkdirSync(join(editorState.folder, 'images'), { recursive: true });
  symlinkSync(home, join(editorState.folder, 'link'));
  const seen = (path: string): Promise<boolean> => mayShowPath({ browseOnly: true }, path);
  expect(await seen(join(editorState.folder, 'images', 'gone.png'))).toBe(true);
  expect(await seen(join(editorState.folder, 'link'))).toBe(false);
  expect(await seen(join(editorState.folder, '..', 'photo.png'))).toBe(false);
  expect(await seen(home)).toBe(false);
  expect(await mayShowPath({ browseOnly: false }, home)).toBe(true);
});
