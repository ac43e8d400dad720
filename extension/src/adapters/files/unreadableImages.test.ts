import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDatasetFiles } from './listing/datasetFiles.ts';
import { decodeRgb } from './images/decodeImage.ts';
import { probeImage } from './images/probeImage.ts';
import { putFiles, temporaryFolder } from './testing/datasets.ts';

describe.skipIf(process.platform === 'win32')('images that are not readable files', () => {
  it('are reported, and the others are listed', async () => {
    const folder = temporaryFolder();
    const at = (name: string): string => join(folder, 'images', name);
    putFiles(folder, {
      'images/a.jpg': '',
      'list.txt': 'images/a.jpg\nimages/named.jpg\n',
      'data.yaml': 'train: [images, list.txt]\nnames: [a]\n',
    });
    execFileSync('mkfifo', [at('pipe.jpg')]);
    symlinkSync('/dev/zero', at('device.jpg'));
    symlinkSync('self.jpg', at('self.jpg'));
    symlinkSync('../.git/annex/objects/k.jpg', at('annex.jpg'));
    symlinkSync('../.dvc/cache/1b', at('dvc.jpg'));
    mkdirSync(at('named.jpg'));
    const listing = await createDatasetFiles().list({ kind: 'yaml', path: join(folder, 'data.yaml'), poolFolders: [] });
    expect(listing.images.map(({ relativePath }) => relativePath)).toEqual(['images/a.jpg']);
    const problemOf = (name: string) => listing.problems.find(({ message }) => message.includes(name));
    expect(problemOf('pipe.jpg')).toMatchObject({ severity: 'error', message: /named pipe/, file: at('pipe.jpg') });
    expect(problemOf('device.jpg')).toMatchObject({ severity: 'error', message: /device/ });
    expect(problemOf('self.jpg')).toMatchObject({ message: /ELOOP/ });
    expect(problemOf('annex.jpg')).toMatchObject({ hint: /git annex get/ });
    expect(problemOf('dvc.jpg')).toMatchObject({ hint: /dvc pull/ });
    expect(problemOf('named.jpg')).toMatchObject({ message: /Line 2 of .*a folder/, line: 2 });
  });

  it('do not block if they replaced an image', async () => {
    const path = join(temporaryFolder(), 'a.jpg');
    execFileSync('mkfifo', [path]);
    await expect(decodeRgb(path)).rejects.toMatchObject({ code: 'unreadable-file', message: /not a file/ });
  });
});

describe('pointers in place of images', () => {
  it.each([
    ['version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345\n', 'git lfs pull'],
    ['/annex/objects/SHA256E-s12--0123.jpg\n', 'git annex get'],
  ])('are reported with the command that fetches the content: %s', async (text, command) => {
    const folder = temporaryFolder();
    putFiles(folder, { 'a.jpg': text });
    expect(await probeImage(join(folder, 'a.jpg'))).toMatchObject({
      ok: false,
      problem: { code: 'not-fetched', hint: expect.stringContaining(command), file: join(folder, 'a.jpg') },
    });
  });
});
