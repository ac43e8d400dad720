import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NotFlushedError, writeAtomic } from './atomicWrite.ts';
import { nodeFileSystem, privateFileSystem } from './fileSystem.ts';

const posix = process.platform !== 'win32';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'al atomic ü-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

describe('writeAtomic', () => {
  it('creates folders, writes texts and bytes, and leaves no temporary files', async () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    await writeAtomic(join(folder, 'text'), 'é');
    await writeAtomic(join(folder, 'bytes'), Buffer.from([0, 255]));
    await writeAtomic(join(folder, 'filled'), async (_, temporary) => writeFileSync(temporary, 'by path'));
    expect(readFileSync(join(folder, 'text'), 'utf8')).toBe('é');
    expect([...readFileSync(join(folder, 'bytes'))]).toEqual([0, 255]);
    expect(readFileSync(join(folder, 'filled'), 'utf8')).toBe('by path');
    expect(readdirSync(folder).toSorted()).toEqual(['bytes', 'filled', 'text']);
  });

  it.runIf(posix)('gives a new file the requested mode, and keeps the mode of an existing one', async () => {
    const path = join(temporaryFolder(), 'file');
    await writeAtomic(path, '1', { mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o640);
    await writeAtomic(path, '2', { mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it.runIf(posix)('creates private folders and files in a private file system', async () => {
    const folder = join(temporaryFolder(), 'private');
    await writeAtomic(join(folder, 'file'), '', { fs: privateFileSystem(nodeFileSystem) });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'file')).mode & 0o777).toBe(0o600);
  });

  it('does not replace a file with `onlyNew`', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'file');
    await writeAtomic(path, 'first', { onlyNew: true });
    await expect(writeAtomic(path, 'second', { onlyNew: true })).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(path, 'utf8')).toBe('first');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('keeps the old file if the check before the rename fails', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    await expect(writeAtomic(path, 'new', { beforeRename: failing('EBADMSG') })).rejects.toThrow('EBADMSG');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('reports the system error if the rename fails, and removes the temporary file', async () => {
    const folder = temporaryFolder();
    const fs = { ...nodeFileSystem, rename: failing('EIO') };
    await expect(writeAtomic(join(folder, 'file'), 'new', { fs })).rejects.toMatchObject({ code: 'EIO' });
    expect(existsSync(join(folder, 'file'))).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('distinguishes a folder that cannot be flushed from a failed write', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'file');
    const fs = {
      ...nodeFileSystem,
      open: (where: string, flags: 'wx' | 'r' | 'a', mode?: number) =>
        where === folder ? failing('ENOSPC')() : nodeFileSystem.open(where, flags, mode),
    };
    const error: unknown = await writeAtomic(path, 'new', { fs }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NotFlushedError);
    expect(error).toMatchObject({ code: 'ENOSPC' });
    expect(readFileSync(path, 'utf8')).toBe('new');
  });
});
