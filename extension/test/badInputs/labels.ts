import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { BadInput, Kind } from './badInput.ts';
import { validateYaml } from './meet.ts';
import { goodDataset, picture, put } from './pictures.ts';

const label = 'labels/train/one.txt';
const row = '0 0.5 0.5 0.2 0.2\n';

/** A dataset of which `make` spoils something. */
function spoiled(name: string, make: (folder: string) => void, code: string, says: RegExp, names = label): BadInput {
  const making = (folder: string): void => {
    goodDataset(folder);
    make(folder);
  };
  return { name, make: making, meet: validateYaml, code, says, names };
}

/** A label file with this content, beside a good one. */
function content(name: string, text: string | Uint8Array, code: string, says: RegExp): BadInput {
  return spoiled(name, (folder) => put(folder, label, text), code, says);
}

/** A label path at which something else stands. */
function instead(name: string, make: (path: string) => void, code: string, says: RegExp): BadInput {
  const replace = (folder: string): void => {
    rmSync(join(folder, label));
    make(join(folder, label));
  };
  return spoiled(name, replace, code, says);
}

const rows: readonly BadInput[] = [
  content('a class that is not in the list', '7 0.5 0.5 0.2 0.2\n', 'class-out-of-range', /Row 1 has class 7, but/),
  content('a negative class', `${row}-1 0.4 0.5 0.2 0.2\n`, 'class-negative', /Row 2 has the negative class -1/),
  content('a class of twenty digits', '99999999999999999999 0.5 0.5 0.1 0.1\n', 'class-out-of-range', /Row 1/),
  content('a class that is no whole number', '0.5 0.5 0.5 0.1 0.1\n', 'class-fractional', /class 0\.5/),
  content('a class by its name', 'cat 0.5 0.5 0.1 0.1\n', 'not-a-number', /"cat" instead of a number/),
  content('NaN', '0 nan 0.5 0.1 0.1\n', 'not-finite', /Row 1 contains nan/),
  content('infinity', '0 inf 0.5 0.1 0.1\n', 'not-finite', /contains inf/),
  content('a number too large for a float', '0 1e400 0.5 0.1 0.1\n', 'not-finite', /1e400/),
  content('a hexadecimal number', '0 0x1 0.5 0.1 0.1\n', 'not-a-number', /"0x1"/),
  content('decimal commas', '0 0,5 0,5 0,2 0,2\n', 'comma', /contains a comma/),
  content('a CSV row', '0,0.5,0.5,0.2,0.2\n', 'comma', /contains a comma/),
  content('two columns', '0 0.5\n', 'wrong-columns', /2 columns, where a box has 5/),
  content('a confidence', '0 0.5 0.5 0.2 0.2 0.93\n', 'confidence-column', /6 columns/),
  content('pixels', '0 320 240 64 64\n', 'not-normalized', /the coordinate 320/),
  content('a negative width', '0 0.5 0.5 -0.2 0.2\n', 'negative-value', /negative value -0\.2/),
  content('a box without area', '0 0.5 0.5 0 0.2\n', 'zero-area', /without area/),
  content('a box that sticks out', '0 0.95 0.5 0.3 0.2\n', 'sticks-out', /beyond its edge/),
  content('a polygon that lacks a number', '0 0.1 0.1 0.3 0.1 0.3 0.3 0.4\n', 'odd-polygon', /lacks its y/),
  content('the same row twice', row + row, 'duplicate-row', /repeats row 1/),
  content('a comment', `# made by hand\n${row}`, 'comment', /is a comment/),
  content('a row of JSON', '{"class": 0, "box": [0.5, 0.5, 0.2, 0.2]}\n', 'not-a-number', /Row 1/),
  content('a row of XML', '<object><name>cat</name></object>\n', 'not-a-number', /Row 1|column/),
  content('control characters', '0 \u001B[31m0.5 0.5 0.2 0.2\n', 'not-a-number', /Row 1/),
  content('a row of a million characters', `0 ${'9'.repeat(1_000_000)}x 0.5 0.2 0.2\n`, 'not-a-number', /Row 1/),
];

const files: readonly BadInput[] = [
  content('NUL bytes', new Uint8Array(64), 'nul-bytes', /NUL bytes.*left out/),
  content('UTF-16', Buffer.from(`\uFEFF${row}`, 'utf16le'), 'utf-16', /UTF-16/),
  content('a byte-order mark', `\uFEFF${row}`, 'byte-order-mark', /byte-order mark/),
  content('more than 8 MB', row.repeat(500_000), 'label-unreadable', /larger than 8 MiB/),
  content(
    'a pointer of Git LFS',
    'version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 19\n',
    'pointer',
    /was not fetched/,
  ),
  content('a picture', picture(), 'nul-bytes', /NUL/),
  instead('a folder', (path) => mkdirSync(path), 'label-unreadable', /a folder, not a file/),
];

const links: readonly BadInput[] = [
  instead('a link to nothing', (path) => symlinkSync('nowhere.txt', path), 'label-unreadable', /nowhere\.txt/),
  instead('a link to itself', (path) => symlinkSync('one.txt', path), 'label-unreadable', /leads back to itself/),
  instead(
    'content of git-annex that was not fetched',
    (path) => symlinkSync('../../.git/annex/objects/aa/bb/SHA256E-s19--12.txt/SHA256E-s19--12.txt', path),
    'label-unreadable',
    /annex/,
  ),
  instead('a link to a device without end', (path) => symlinkSync('/dev/zero', path), 'label-unreadable', /a device/),
  instead('a named pipe', (path) => execFileSync('mkfifo', [path]), 'label-unreadable', /named pipe/),
  spoiled(
    'a folder of labels on a drive that is not there',
    (folder) => {
      renameSync(join(folder, 'labels/train'), join(folder, 'away'));
      symlinkSync('/nowhere/labels', join(folder, 'labels/train'));
    },
    'label-unreadable',
    /labels\/train.*\/nowhere\/labels/,
  ),
];

const elsewhere: readonly BadInput[] = [
  spoiled(
    'labels beside the images',
    (folder) => renameSync(join(folder, label), join(folder, 'images/train/one.txt')),
    'label-without-image',
    /one\.txt/,
    'one.txt',
  ),
  spoiled(
    'labels with the ending of the image',
    (folder) => renameSync(join(folder, label), join(folder, 'labels/train/one.png.txt')),
    'label-without-image',
    /one\.png\.txt/,
    'one.png.txt',
  ),
  spoiled(
    'labels in capitals',
    (folder) => renameSync(join(folder, label), join(folder, 'labels/train/one.TXT')),
    'label-without-image',
    /one\.TXT/,
    'one.TXT',
  ),
  spoiled(
    'two images of one label file',
    (folder) => put(folder, 'images/train/one.bmp', picture()),
    'shared-label-file',
    /one/,
    'one.txt',
  ),
];

export const labels: Kind = {
  kind: 'labels',
  inputs: [...rows, ...files, ...(process.platform === 'win32' ? [] : [...links, ...elsewhere])],
};
