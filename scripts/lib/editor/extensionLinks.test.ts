import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkExtension } from './extensionLinks.ts';

describe('linkExtension', () => {
  let home = '';
  let source = '';
  let extensions = '';

  function manifest(version: string): void {
    writeFileSync(join(source, 'package.json'), JSON.stringify({ name: 'Probe', publisher: 'Al', version }));
  }

  const listed = (): { identifier: { id: string }; version: string }[] =>
    JSON.parse(readFileSync(join(extensions, 'extensions.json'), 'utf8'));

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'al-links-'));
    source = join(home, 'source');
    extensions = join(home, 'extensions');
    mkdirSync(join(source, 'dist'), { recursive: true });
    mkdirSync(join(source, '.git'));
    writeFileSync(join(source, 'dist', 'extension.js'), 'first');
    manifest('1.0.0');
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('shows what is built later, under the real path that VS Code knows an extension by', () => {
    const { id, folder } = linkExtension(source, extensions);
    expect(id).toBe('al.probe');
    writeFileSync(join(source, 'dist', 'extension.js'), 'second');
    expect(readFileSync(join(folder, 'dist', 'extension.js'), 'utf8')).toBe('second');
    const main = join(realpathSync(folder), 'dist', 'extension.js');
    expect(realpathSync(join(folder, 'dist', 'extension.js'))).toBe(main);
  });

  it('leaves the sources alone when the extension is installed again, also over an older way to install it', () => {
    const { folder } = linkExtension(source, extensions);
    rmSync(folder);
    mkdirSync(folder);
    symlinkSync(join(source, 'dist'), join(folder, 'dist'));
    linkExtension(source, extensions);
    linkExtension(source, extensions);
    expect(readFileSync(join(source, 'dist', 'extension.js'), 'utf8')).toBe('first');
    expect(existsSync(join(folder, '.git'))).toBe(true);
  });

  it('leaves the sources alone when the installed folder is deleted', () => {
    const { folder } = linkExtension(source, extensions);
    rmSync(folder, { recursive: true });
    expect(readFileSync(join(source, 'dist', 'extension.js'), 'utf8')).toBe('first');
  });

  it('replaces an older version, keeps other extensions, and takes back an uninstallation', () => {
    linkExtension(source, extensions);
    const other = { identifier: { id: 'ms-python.python' }, version: '1.0.0' };
    writeFileSync(join(extensions, 'extensions.json'), JSON.stringify([...listed(), other]));
    writeFileSync(join(extensions, '.obsolete'), JSON.stringify({ 'al.probe-1.1.0': true, 'x.y-1.0.0': true }));
    manifest('1.1.0');
    const { folder } = linkExtension(source, extensions);
    expect(existsSync(join(extensions, 'al.probe-1.0.0'))).toBe(false);
    expect(existsSync(join(folder, 'package.json'))).toBe(true);
    expect(listed().map((entry) => [entry.identifier.id, entry.version])).toEqual([
      ['ms-python.python', '1.0.0'],
      ['al.probe', '1.1.0'],
    ]);
    expect(JSON.parse(readFileSync(join(extensions, '.obsolete'), 'utf8'))).toEqual({ 'x.y-1.0.0': true });
  });

  it('says which folder holds no extension', () => {
    rmSync(join(source, 'package.json'));
    expect(() => linkExtension(source, extensions)).toThrow(source);
  });
});
