import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { BadInput, Kind } from './badInput.ts';
import { validateYaml } from './meet.ts';
import { goodDataset, put } from './pictures.ts';

const train = 'train: images/train\n';

/** A data.yaml with this text, beside good images. */
function text(
  name: string,
  yaml: string | Uint8Array,
  code: string,
  says: RegExp,
  names = 'data.yaml',
  repeats?: RegExp,
): BadInput {
  const make = (folder: string): void => goodDataset(folder, yaml);
  return { name, make, meet: validateYaml, code, says, names, ...(repeats === undefined ? {} : { repeats }) };
}

function instead(name: string, make: (path: string) => void, code: string, says: RegExp): BadInput {
  const making = (folder: string): void => {
    goodDataset(folder);
    rmSync(join(folder, 'data.yaml'));
    make(join(folder, 'data.yaml'));
  };
  return { name, make: making, meet: validateYaml, code, says, names: 'data.yaml' };
}

const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 8 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]\n`).join('')}`;

const syntax: readonly BadInput[] = [
  text('nothing', '', 'yaml-not-a-map', /is empty/),
  text('a list', '- a\n- b\n', 'yaml-not-a-map', /no list of "key: value"/),
  text('one word', 'hello', 'yaml-not-a-map', /no list of "key: value"/),
  text('an open bracket', `${train}names: [a, b\n`, 'yaml-syntax', /line \d+, column \d+/),
  text('tabs for indentation', `${train}names:\n\t0: a\n`, 'yaml-syntax', /line \d+/),
  text('a key twice', `${train}names: [a]\nnames: [b]\n`, 'yaml-syntax', /"names" is there twice/),
  text('two documents', `${train}names: [a]\n---\ntrain: x\n`, 'yaml-syntax', /document/),
  text('brackets without end', `${train}names: ${'['.repeat(50_000)}`, 'yaml-syntax', /nested too deeply/),
  text('aliases that multiply', `${bomb}${train}names: *a8\n`, 'yaml-syntax', /alias/i),
  text('aliases that multiply in a key of its own', `${bomb}${train}names: [a]\n`, 'yaml-syntax', /alias/i),
  text('an alias of nothing', `${train}names: *gone\n`, 'yaml-syntax', /gone/),
  text('a tag of JavaScript', `${train}names: !!js/function "f(){}"\n`, 'yaml-syntax', /tag/),
  text(
    'a tag of Python',
    `${train}names: !!python/object/apply:os.system ["id"]\n`,
    'yaml-syntax',
    /the tag tag:yaml.org,2002:python/,
  ),
  text('two million names', `${train}names: [${'c,'.repeat(2_000_000)}]\n`, 'file-too-large', /more than 2 MB/),
  text('a comment of 20 MB', `${train}names: [a]\n# ${'x'.repeat(20_000_000)}\n`, 'file-too-large', /more than 2 MB/),
  text('JSON that is cut', '{"train": "images/train", "names": ["a"', 'yaml-syntax', /line 1/),
  text('NUL bytes', Buffer.from(`${train}names: [a]\n\0\0\0`), 'encoding-unknown', /NUL|text/),
  text('Latin-1', Buffer.from(`${train}names: [Stra\xDFe]\n`, 'latin1'), 'encoding-unknown', /UTF-8/),
  text(
    'GBK',
    Buffer.concat([Buffer.from(`${train}names: [`), Buffer.from([0xbb, 0xae, 0xba, 0xdb]), Buffer.from(']\n')]),
    'encoding-unknown',
    /UTF-8/,
  ),
  text('UTF-16 without a mark', Buffer.from(`${train}names: [a]\n`, 'utf16le'), 'encoding-unknown', /UTF-16|NUL|text/),
  text('a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), 'encoding-unknown', /text|UTF-8|NUL/),
];

const classNames: readonly BadInput[] = [
  text('no names', train, 'names-missing', /names/),
  text('names that are a number', `${train}names: 5\n`, 'names-invalid', /names/),
  text('an empty list of names', `${train}names: []\n`, 'names-missing', /names/),
  text('an empty name', `${train}names: [a, ""]\n`, 'names-invalid', /name/),
  text('a gap in the ids', `${train}names: {0: a, 5: b}\n`, 'names-gap', /1/),
  text('a negative id', `${train}names: {0: a, -1: b}\n`, 'names-invalid', /-1/),
  text('an id of a thousand million', `${train}names: {0: a, 1000000000: b}\n`, 'names-gap', /1/),
  text('a list in a list', `${train}names: [a, [b]]\n`, 'names-invalid', /name/),
  text('fewer names than nc', `${train}nc: 3\nnames: [a]\n`, 'names-count', /3/),
  text('an nc that is negative', `${train}nc: -1\n`, 'nc-invalid', /-1/),
  text('an nc of twenty digits', `${train}nc: 99999999999999999999\n`, 'too-many-classes', /100,000,000/),
  text('an nc in words', `${train}nc: two\nnames: [a, b]\n`, 'nc-invalid', /two/),
  text('30,000 names', `${train}names:\n${'  - c\n'.repeat(30_000)}`, 'too-many-classes', /25,000/),
  text('a name of 600 characters', `${train}names: [${'n'.repeat(600)}]\n`, 'names-invalid', /500/),
  text('the same name twice', `${train}names: [a, a]\n`, 'duplicate-class-name', /"a"/),
  text('a name that YAML takes for false', `${train}names: [a, no]\n`, 'names-unquoted', /no/),
  text(
    'a name that is a replacement character',
    `${train}names: [a, "\uFFFDx"]\n`,
    'names-invalid',
    /damaged|replacement|encoding/i,
    'data.yaml',
    /\uFFFDx/gu,
  ),
];

const keys: readonly BadInput[] = [
  text('no train', 'names: [a]\n', 'train-missing', /train/),
  text('a train that is a number', 'train: 5\nnames: [a]\n', 'split-invalid', /train/),
  text('a train that is a map', 'train: {a: b}\nnames: [a]\n', 'split-invalid', /train/),
  text('a key with a typing mistake', 'trian: images/train\nnames: [a]\n', 'train-missing', /trian|train/),
  text('a split that nobody knows', `${train}valdation: images/train\nnames: [a]\n`, 'key-unknown', /valdation/),
  text('poses', `${train}task: pose\nkpt_shape: [17, 3]\nnames: [a]\n`, 'task-unsupported', /poses/),
  text(
    'a command to download',
    `${train}names: [a]\ndownload: |\n  import os\n  os.system("id")\n`,
    'download-ignored',
    /download/,
  ),
  text('a path that is a list', `path: [a]\n${train}names: [a]\n`, 'path-invalid', /path/),
];

const places: readonly BadInput[] = [
  text('a folder that is not there', 'train: images/gone\nnames: [a]\n', 'split-missing', /images\/gone/),
  text('a web address', 'train: https://example.org/x.zip\nnames: [a]\n', 'split-missing', /https:\/\/example/),
  text('a drive of Windows', 'train: Q:\\images\\train\nnames: [a]\n', 'split-missing', /Q:/),
  text('a folder without images', 'train: labels/train\nnames: [a]\n', 'no-images', /labels\/train/),
  text('training images for validation', `${train}val: images/train\nnames: [a]\n`, 'validation-is-training', /val/),
  text(
    'a validation folder that is not there',
    `${train}val: images/val\nnames: [a]\n`,
    'split-missing',
    /images\/val/,
  ),
  text('a path of 10,000 characters', `train: ${'x'.repeat(10_000)}\nnames: [a]\n`, 'split-missing', /train/),
  text('an empty train', 'train: ""\nnames: [a]\n', 'split-invalid', /train/),
];

const systemPlaces: readonly BadInput[] = [
  text('a view of the system', 'path: /proc\ntrain: .\nnames: [a]\n', 'folder-refused', /view of the system/),
  text('all devices', 'path: /dev\ntrain: .\nnames: [a]\n', 'folder-refused', /view of the system/),
  text('a device', 'train: /dev/zero\nnames: [a]\n', 'split-invalid', /\/dev\/zero/),
  text('a whole file system', `${train}val: /\nnames: [a]\n`, 'folder-refused', /whole file system/, '/: '),
  text('the system settings', 'path: /etc\ntrain: .\nnames: [a]\n', 'no-images', /\/etc/),
];

const notFiles: readonly BadInput[] = [
  instead('no file', () => {}, 'description-missing', /data\.yaml/),
  instead('a folder', (path) => mkdirSync(path), 'description-unreadable', /must be a file/),
  ...(process.platform === 'win32'
    ? []
    : [
        instead('a named pipe', (path) => execFileSync('mkfifo', [path]), 'not-a-file', /pipe/),
        instead('a link to nothing', (path) => symlinkSync('gone.yaml', path), 'description-missing', /data\.yaml/),
        instead('a link to itself', (path) => symlinkSync('data.yaml', path), 'description-unreadable', /data\.yaml/),
        instead('a device without end', (path) => symlinkSync('/dev/zero', path), 'not-a-file', /device/),
      ]),
];

/** A list of images with these lines as training set. */
function list(name: string, lines: string | Uint8Array, code: string, says: RegExp, names = 'list.txt'): BadInput {
  const make = (folder: string): void => {
    goodDataset(folder, 'train: list.txt\nnames: [a]\n');
    put(folder, 'list.txt', lines);
  };
  return { name, make, meet: validateYaml, code, says, names };
}

const good = './images/train/one.png\n';

const lists: readonly BadInput[] = [
  list('an empty list', '', 'no-images', /no image that is read/),
  list('a line whose image is gone', `${good}./images/train/gone.png\n`, 'image-missing', /gone\.png/),
  list('only images that are gone', './images/train/a.png\n./images/train/b.png\n', 'no-images', /a\.png is not there/),
  list('lines that are no images', `${good}/etc/passwd\n`, 'list-entry-no-image', /passwd/),
  list('a web address', `${good}http://example.org/x.jpg\n`, 'image-missing', /example\.org/),
  list('a line of 10,000 characters', `${good}${'x'.repeat(10_000)}.jpg\n`, 'list-entry-no-image', /no path/),
  list('NUL bytes', Buffer.from(`${good}\0\0\n`), 'encoding-unknown', /list\.txt/),
  list('Latin-1', Buffer.from(`${good}./images/train/Stra\xDFe.png\n`, 'latin1'), 'encoding-unknown', /list\.txt/),
  list('UTF-16 without a mark', Buffer.from(good, 'utf16le'), 'encoding-unknown', /list\.txt/),
];

export const descriptions: Kind = {
  kind: 'descriptions',
  inputs: [
    ...syntax,
    ...classNames,
    ...keys,
    ...places,
    ...(process.platform === 'win32' ? [] : systemPlaces),
    ...notFiles,
  ],
};
export const imageLists: Kind = { kind: 'lists of images', inputs: lists };
