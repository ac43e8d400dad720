import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBelow, isReallyBelow } from './visiblePlaces.ts';

describe('a path below a folder', () => {
  it.each([
    ['C:\\ws\\images\\a.jpg', true],
    ['C:/ws/images/a.jpg', true],
    ['c:\\WS', true],
    ['C:\\ws\\..\\other', false],
    ['C:\\wsx', false],
    ['D:\\ws', false],
    ['\\\\host\\share\\a.jpg', false],
    ['//host/C:/ws', false],
    ['\\\\?\\UNC\\host\\ws', false],
    ['\\\\?\\unc\\host\\ws', false],
    ['//?/UNC/host/ws', false],
    ['\\/host/ws', false],
    ['\\\\.\\pipe\\name', false],
    ['\\\\?\\GLOBALROOT\\Device\\Mup\\host', false],
    ['\\ws', false],
    ['images\\a.jpg', false],
  ])('on Windows, %s: %s', (path, expected) => {
    expect(isBelow(['C:\\ws'], path, 'win32')).toBe(expected);
  });

  it('on a share is a path of that share', () => {
    expect(isBelow(['\\\\host\\share\\ws'], '\\\\host\\share\\ws\\a.jpg', 'win32')).toBe(true);
    expect(isBelow(['\\\\host\\share\\ws'], '\\\\evil\\share\\ws\\a.jpg', 'win32')).toBe(false);
  });

  it.each([
    ['/ws/a', true],
    ['/ws', true],
    ['/ws/..a', true],
    ['/ws/../etc', false],
    ['/wsx', false],
    ['ws/a', false],
  ])('elsewhere, %s: %s', (path, expected) => {
    expect(isBelow(['/other', '/ws'], path, 'linux')).toBe(expected);
  });
});

describe('a file whose real path is below a folder', () => {
  let root = '';
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'al-places-')));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('does not include a link to a file outside', async () => {
    const folder = join(root, 'ws');
    mkdirSync(folder);
    writeFileSync(join(root, 'secret'), '');
    writeFileSync(join(folder, 'a'), '');
    symlinkSync(join(root, 'secret'), join(folder, 'link'));
    symlinkSync(folder, join(root, 'the same'), 'junction');
    expect(await isReallyBelow([folder], join(folder, 'a'))).toBe(true);
    expect(await isReallyBelow([folder], join(folder, 'missing'))).toBe(true);
    expect(await isReallyBelow([folder], join(folder, 'link'))).toBe(false);
    expect(await isReallyBelow([join(root, 'the same')], join(root, 'the same', 'a'))).toBe(true);
  });
});
