import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webviewBuild, webviewEntries } from './webviewBuild.ts';

describe('the build of the pages', () => {
  let folder = '';
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'al-pages-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('puts what pages share into modules that they import', async () => {
    expect(Object.keys(webviewEntries)).toEqual(['grid', 'metrics', 'review']);
    await build({ ...webviewBuild(), outdir: folder });
    const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const shared = scripts.filter((name) => name.startsWith('shared-'));
    expect(scripts).toHaveLength(3 + shared.length);
    const react = 'react.transitional.element';
    const [withReact, ...others] = shared.filter((name) => read(name).includes(react));
    expect(others).toEqual([]);
    for (const name of Object.keys(webviewEntries)) {
      expect(read(`${name}.js`)).toContain(`from"./${withReact}"`);
      expect(read(`${name}.js`)).not.toContain(react);
      expect(existsSync(join(folder, `${name}.css`))).toBe(true);
    }
  });

  it('deletes shared modules of earlier builds, and nothing else', async () => {
    for (const name of ['shared-OLD.js', 'shared-OLD.js.LEGAL.txt', 'other.js']) writeFileSync(join(folder, name), '');
    await build({ ...webviewBuild(), outdir: folder });
    expect(readdirSync(folder).filter((name) => /OLD|other/.test(name))).toEqual(['other.js']);
  });
});
