import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { desk } from '../../../test/support/fakeDesk.ts';
import { fakeVscode } from '../../../test/support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);
const { maySee } = await import('./visiblePaths.ts');

test('of sessions that are only looked at, what really lies in the workspace may be seen', async () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'al-see-')));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  desk.folder = join(home, 'workspace');
  mkdirSync(join(desk.folder, 'images'), { recursive: true });
  symlinkSync(home, join(desk.folder, 'link'));
  const seen = (path: string): Promise<boolean> => maySee({ browseOnly: true }, path);
  expect(await seen(join(desk.folder, 'images', 'gone.png'))).toBe(true);
  expect(await seen(join(desk.folder, 'link'))).toBe(false);
  expect(await seen(join(desk.folder, '..', 'photo.png'))).toBe(false);
  expect(await seen(home)).toBe(false);
  expect(await maySee({ browseOnly: false }, home)).toBe(true);
});
