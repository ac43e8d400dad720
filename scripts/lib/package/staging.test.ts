import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { shippedManifest } from './manifest.ts';
import { selectFiles, toRegExp } from './patterns.ts';
import { extensionPage } from './extensionPage.ts';
import { refusal, targets } from './targets.ts';

const folder = mkdtempSync(join(tmpdir(), 'al-staging-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const file of ['index.js', 'index.js.map', 'lib/a.js', 'lib/deep/b.js', 'LICENSE']) {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), file);
}

test('a pattern names what it says, and a dot is a dot', () => {
  expect(toRegExp('lib/*.js').test('lib/a.js')).toBe(true);
  expect(toRegExp('lib/*.js').test('lib/deep/b.js')).toBe(false);
  expect(toRegExp('lib/**.js').test('lib/very/deep/b.js')).toBe(true);
  expect(toRegExp('*.js').test('index_js')).toBe(false);
  expect(toRegExp('{index,main}.js').test('index.js')).toBe(true);
  expect(toRegExp('{index,main}.js').test('other.js')).toBe(false);
});

test('only what is named is selected', () => {
  expect(selectFiles(folder, ['*.js', 'lib/**.js', 'LICENSE'], 'It')).toEqual([
    'LICENSE',
    'index.js',
    'lib/a.js',
    'lib/deep/b.js',
  ]);
});

test('a package that lost a part stops the packing', () => {
  expect(() => selectFiles(folder, ['*.js', 'prebuilds/linux-x64.node'], 'better-sqlite3')).toThrow(
    'better-sqlite3 has no prebuilds/linux-x64.node any more',
  );
});

describe('the page of the extension', () => {
  const page = '![A picture](../media/a.png) [docs](a.md) [web](https://example.org) [below](#x)';

  test('shows words while there is no repository, and never a picture that cannot be seen', () => {
    expect(extensionPage(page)).toBe('_A picture._ docs [web](https://example.org) [below](#x)');
  });

  test('leads to the repository once there is one', () => {
    expect(extensionPage(page, { url: 'git+https://example.org/a/b.git' })).toBe(
      '![A picture](https://example.org/a/b/raw/HEAD/media/a.png) [docs](https://example.org/a/b/blob/HEAD/docs/a.md) [web](https://example.org) [below](#x)',
    );
  });

  test('speaks to somebody who installed it', () => {
    const shipped = extensionPage(
      readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'extension-page.md'), 'utf8'),
    );
    expect(shipped).not.toMatch(/npm |checkout|data:image/);
    for (const topic of ['## Get started', '## Requirements', '1.6 GB', '## Remove it', 'Manage Disk Space']) {
      expect(shipped).toContain(topic);
    }
  });
});

test('the manifest keeps what VS Code reads', () => {
  const manifest = { name: 'x', private: true, scripts: {}, devDependencies: {}, engines: { node: '20', vscode: '1' } };
  expect(shippedManifest(manifest)).toEqual({ name: 'x', engines: { vscode: '1' } });
});

test('platforms without ONNX Runtime are refused with the reason', () => {
  for (const target of Object.keys(targets)) expect(refusal(target)).toBeNull();
  expect(refusal('darwin-x64')).toContain('Intel');
  expect(refusal('alpine-arm64')).toContain('musl');
  expect(refusal('toString')).toContain('"toString"');
});
