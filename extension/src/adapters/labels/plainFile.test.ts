import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFileLabels } from './fileLabels.ts';
import { mostLabelBytes, readPlainFile } from './plainFile.ts';
import { bytesOf, failing, temporaryFolder } from './testing/labelFiles.ts';

/** A root; each test creates its `labels/a.txt`. */
function setUp() {
  const folder = temporaryFolder();
  const root = join(folder, 'set');
  mkdirSync(join(root, 'labels'), { recursive: true });
  const labels = createFileLabels({ backupFolder: join(folder, 'backups') });
  const image = { rootPath: root, relativePath: 'images/a.jpg' };
  return { folder, root, path: join(root, 'labels', 'a.txt'), labels, image };
}

describe.skipIf(process.platform === 'win32')('a label path that is not a readable file', () => {
  it.each<[string, (path: string) => void, RegExp]>([
    ['a folder', (path) => mkdirSync(path), /it is a folder/],
    ['a FIFO', (path) => execFileSync('mkfifo', [path]), /named pipe/],
    ['a link to a FIFO', (path) => linkedFifo(path), /named pipe/],
    ['a device without end', (path) => symlinkSync('/dev/zero', path), /it is a device/],
    ['a link to itself', (path) => symlinkSync('a.txt', path), /leads back to itself/],
    [
      'a link to nothing',
      (path) => symlinkSync('/not/mounted/x', path),
      /a link to \/not\/mounted\/x, where nothing is/,
    ],
    ['below a file', (path) => asFile(join(path, '..')), /a part of its path is a file/],
    [
      'in a folder that is a link to nothing',
      (path) => deadFolder(path),
      /the folder .*labels is a link to \/mnt\/gone/,
    ],
    ['50 MB', (path) => large(path, 50 * 1024 * 1024), /larger than 8 MiB/],
  ])('reports the reason and never blocks or writes: %s', async (_, make, why) => {
    const { labels, image, path } = setUp();
    make(path);
    const refused = { code: 'unreadable', message: expect.stringMatching(why), where: path };
    await expect(labels.read(image)).rejects.toMatchObject(refused);
    await expect(labels.write(image, bytesOf('mine'))).rejects.toMatchObject(refused);
    await expect(labels.write(image, null)).rejects.toMatchObject(refused);
  });

  it('reports a socket', async () => {
    const { labels, image, root, path } = setUp();
    const server = createServer();
    onTestFinished(() => void server.close());
    // The path of a socket must be short, so link to a short path.
    const socket = join('/tmp', `al-${process.pid}.sock`);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    symlinkSync(socket, path);
    await expect(labels.read(image)).rejects.toMatchObject({ message: /it is a socket/ });
    expect(root).toBeTruthy();
  });

  it.each([
    ['../.git/annex/objects/F1/w2/k.txt', 'git annex get'],
    ['../.dvc/cache/files/md5/0a/1b2c', 'dvc pull'],
  ])('reports the command that fetches %s', async (target, command) => {
    const { labels, image, path } = setUp();
    symlinkSync(target, path);
    await expect(labels.read(image)).rejects.toMatchObject({ hint: expect.stringContaining(command) });
  });

  it.each(['EACCES', 'EPERM'])('reports missing permission (%s)', async (code) => {
    const { folder, image } = setUp();
    const fs = failing(code, (step) => step === 'readFile');
    const denied = createFileLabels({ backupFolder: join(folder, 'backups'), fs });
    await expect(denied.read(image)).rejects.toMatchObject({ code: 'unreadable', hint: /permissions/ });
  });

  it('treats a missing file or folder as an unlabelled image', async () => {
    const { labels, image } = setUp();
    expect(await labels.read(image)).toBeNull();
    expect(await labels.read({ ...image, relativePath: 'images/deep/below/b.jpg' })).toBeNull();
  });
});

describe('readPlainFile', () => {
  it('reads up to the limit', async () => {
    const { path } = setUp();
    large(path, mostLabelBytes);
    expect(await readPlainFile(path, mostLabelBytes)).toHaveLength(mostLabelBytes);
  });

  it.runIf(process.platform === 'linux')(
    'reads a file whose size the system does not give, and stops at the bound',
    async () => {
      expect(Buffer.from(await readPlainFile('/proc/self/status', mostLabelBytes)).toString()).toContain('VmRSS');
      await expect(readPlainFile('/proc/self/status', 100)).rejects.toMatchObject({ code: 'unreadable' });
    },
  );
});

function linkedFifo(path: string): void {
  execFileSync('mkfifo', [`${path}.fifo`]);
  symlinkSync(`${path}.fifo`, path);
}

function asFile(folder: string): void {
  execFileSync('rmdir', [folder]);
  writeFileSync(folder, '');
}

function deadFolder(path: string): void {
  execFileSync('rmdir', [join(path, '..')]);
  symlinkSync('/mnt/gone', join(path, '..'));
}

function large(path: string, size: number): void {
  writeFileSync(path, '');
  truncateSync(path, size);
}
