import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasBytes, nativePath, realPath, realPathSync, shownPath, textOfPath } from './bytePaths.ts';

const gbk = Buffer.from('/set/\xbb\xae\xba\xdb0.jpg', 'latin1');

test('a name of any bytes is converted to text and back', () => {
  assert(
    property(uint8Array({ maxLength: 40 }), (bytes) => {
      const text = textOfPath(Buffer.from(bytes));
      expect(text).not.toMatch(/\p{Cs}/u);
      expect(Buffer.from(nativePath(text))).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 1000 },
  );
});

describe('paths', () => {
  test.each(['/a/b.jpg', '/é/划痕 🔩.jpg', '/a\uFFFDb'])('%s stays the same', (path) => {
    expect(textOfPath(Buffer.from(path))).toBe(path);
    expect(nativePath(path)).toBe(path);
    expect(hasBytes(path)).toBe(false);
  });

  test('with invalid UTF-8 keep their folders, extension and a readable form', () => {
    const text = textOfPath(gbk);
    expect([text.startsWith('/set/'), text.endsWith('0.jpg'), hasBytes(text)]).toEqual([true, true, true]);
    expect(shownPath(text)).toBe('/set/\\xBB\\xAE\\xBA\\xDB0.jpg');
    expect(JSON.parse(JSON.stringify(text))).toBe(text);
  });

  test('with a private character are distinguished from those with a byte', () => {
    const name = 'a\u{10FEBB}';
    expect(textOfPath(Buffer.from(name))).not.toBe(textOfPath(Buffer.from('a\xbb', 'latin1')));
    expect(Buffer.from(nativePath(textOfPath(Buffer.from(name)))).toString()).toBe(name);
  });
});

test.runIf(process.platform === 'linux')('links to names of any bytes are resolved', async () => {
  const folder = realPathSync(mkdtempSync(join(tmpdir(), 'al-bytes-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = textOfPath(Buffer.concat([Buffer.from(folder), gbk]));
  mkdirSync(join(folder, 'set'));
  writeFileSync(nativePath(path), 'x');
  symlinkSync(nativePath(path), join(folder, 'link'));
  expect(readFileSync(nativePath(path), 'utf8')).toBe('x');
  for (const from of [path, join(folder, 'link')]) {
    expect(await realPath(from)).toBe(path);
    expect(realPathSync(from)).toBe(path);
  }
});
