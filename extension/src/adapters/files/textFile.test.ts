import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeText, readTextFile } from './textFile.ts';
import { putFiles, temporaryFolder } from './testing/datasets.ts';

const text = 'train: a\nnames: [Kratzer, Düse, 划痕, 🔩]\n';
const utf16 = (value: string): Buffer => Buffer.from(value, 'utf16le');

describe('unambiguous encodings are read', () => {
  test.each([
    ['UTF-8', Buffer.from(text), 'utf-8'],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${text}`), 'utf-8-mark'],
    ['UTF-16 LE with its mark', utf16(`\uFEFF${text}`), 'utf-16le'],
    ['UTF-16 BE with its mark', utf16(`\uFEFF${text}`).swap16(), 'utf-16be'],
  ])('%s', (_what, bytes, encoding) => {
    expect(decodeText(bytes, '/f')).toEqual({ text, encoding });
  });

  test('a replacement character that is in the file', () => {
    expect(decodeText(Buffer.from('a\uFFFDb'), '/f').text).toBe('a\uFFFDb');
  });
});

describe('other encodings are rejected with the position and a hint', () => {
  test.each([
    ['Windows-1252', Buffer.from('a\nb\nD\xfcse\n', 'latin1'), /^\/f is not UTF-8: byte 0xFC in line 3\.$/],
    ['GBK', Buffer.from('names: [\xbb\xae\xba\xdb]', 'latin1'), /byte 0xBB in line 1/],
    ['Shift-JIS', Buffer.from('x\r\n\x8f\x9d', 'latin1'), /byte 0x8F in line 2/],
    [
      'a bad byte behind a replacement character',
      Buffer.from('\u00ef\u00bf\u00bd ok\n\xe9', 'latin1'),
      /byte 0xE9 in line 2/,
    ],
    ['a character that is cut', Buffer.from('ü\n\u5212').subarray(0, 5), /byte 0xE5 in line 2/],
    ['UTF-16 without a mark', utf16('train: a'), /NUL byte in line 1 \(UTF-16/],
    ['UTF-16 of odd length', utf16('\uFEFFtrain').subarray(0, 9), /not UTF-16 text in line 1/],
    ['UTF-16 with half a character', utf16('\uFEFFa\n\uD800x'), /not UTF-16 text in line 2/],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0]), /UTF-32/],
  ])('%s', (_what, bytes, message) => {
    expect(() => decodeText(bytes, '/f')).toThrow(
      expect.objectContaining({
        code: 'encoding-unknown',
        message: expect.stringMatching(message),
        hint: expect.stringContaining('UTF-8'),
        where: '/f',
      }),
    );
  });
});

test('no more bytes than the limit are read', async () => {
  const folder = temporaryFolder();
  putFiles(folder, { a: 'x'.repeat(101) });
  await expect(readTextFile(join(folder, 'a'), 100)).rejects.toMatchObject({ code: 'file-too-large' });
  await expect(readTextFile(join(folder, 'a'), 101)).resolves.toMatchObject({ encoding: 'utf-8' });
});

test.runIf(process.platform === 'linux')('a pipe or a device does not block', async () => {
  const folder = temporaryFolder();
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await expect(readTextFile(join(folder, 'pipe'), 100)).rejects.toMatchObject({ code: 'not-a-file' });
  await expect(readTextFile('/dev/zero', 100)).rejects.toMatchObject({ code: 'not-a-file' });
});
