import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePrivateFolder, openPrivate, refuseLinks, tighten } from './privateFiles.ts';

let root = '';
let storage = '';

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'al-private-')));
  storage = join(root, '.active-learning');
  mkdirSync(storage);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('a path below the folder of the sessions', () => {
  it('must not contain a link at any position', async () => {
    const victim = join(root, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'a.txt'), 'precious');
    mkdirSync(join(storage, 'runs'));
    symlinkSync(victim, join(storage, 'runs', 'x'), 'junction');
    symlinkSync(join(root, 'nowhere'), join(storage, 'cache'), 'junction');
    symlinkSync(join(victim, 'a.txt'), join(storage, '.gitignore'));
    for (const parts of [
      ['runs', 'x'],
      ['runs', 'x', 'a.txt'],
      ['runs', 'x', 'deep', 'b'],
      ['cache'],
      ['.gitignore'],
    ]) {
      const path = join(storage, ...parts);
      expect(() => refuseLinks(storage, path)).toThrow(expect.objectContaining({ code: 'storage-link' }));
      await expect(openPrivate(storage, path, 'a')).rejects.toMatchObject({ code: 'storage-link' });
      await expect(makePrivateFolder(storage, path)).rejects.toMatchObject({ code: 'storage-link' });
    }
    expect(readFileSync(join(victim, 'a.txt'), 'utf8')).toBe('precious');
    expect(existsSync(join(root, 'nowhere'))).toBe(false);
    expect(() => refuseLinks(storage, join(storage, 'runs', 'y', 'z'))).not.toThrow();
  });

  it('may start at a folder that is a link itself', async () => {
    const linked = join(root, 'linked');
    symlinkSync(storage, linked, 'junction');
    await makePrivateFolder(linked, join(linked, 'runs', 'x'));
    expect(existsSync(join(storage, 'runs', 'x'))).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('a new file there', () => {
  it('is private with any umask', async () => {
    const before = process.umask(0);
    try {
      await makePrivateFolder(storage, join(storage, 'runs', 'x'));
      await (await openPrivate(storage, join(storage, 'runs', 'x', 'log'), 'a')).close();
    } finally {
      process.umask(before);
    }
    expect([['runs'], ['runs', 'x'], ['runs', 'x', 'log']].map((parts) => modeOf(join(storage, ...parts)))).toEqual([
      '700',
      '700',
      '600',
    ]);
  });

  it('becomes private if it was accessible to others, except for files of the dataset', () => {
    mkdirSync(join(storage, 'runs', 'x'), { recursive: true });
    const image = join(root, 'image.jpg');
    const outside = join(root, 'outside');
    for (const path of [image, outside, join(storage, 'runs', 'x', 'log')]) writeFileSync(path, '');
    linkSync(image, join(storage, 'runs', 'x', '1.jpg'));
    symlinkSync(outside, join(storage, 'runs', 'x', 'link'));
    for (const path of [image, outside, join(storage, 'runs', 'x', 'log')]) chmodSync(path, 0o644);
    for (const path of [join(storage, 'runs', 'x'), join(storage, 'runs'), storage]) chmodSync(path, 0o755);
    tighten(storage);
    expect(modeOf(storage)).toBe('700');
    expect(modeOf(join(storage, 'runs', 'x'))).toBe('700');
    expect(modeOf(join(storage, 'runs', 'x', 'log'))).toBe('600');
    expect(modeOf(image)).toBe('644');
    expect(modeOf(outside)).toBe('644');
    expect(lstatSync(join(storage, 'runs', 'x', 'link')).isSymbolicLink()).toBe(true);
  });
});
