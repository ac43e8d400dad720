import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { extensionBuild } from './build.ts';

const sources = {
  'shared.ts': 'export class Shared {}; export const loaded: string[] = [];',
  'late.ts': `import { Shared, loaded } from './shared.ts';
    loaded.push('late');
    export const make = (): Shared => new Shared();
    export const place: string = import.meta.dirname;`,
  'first.ts': `import { Shared, loaded } from './shared.ts';
    loaded.push('first');
    export const before = [...loaded];
    export async function use() {
      const late = await import('./late.ts');
      return { same: late.make() instanceof Shared, loaded, place: late.place };
    }`,
};

describe('the chunks of the extension', () => {
  let home = '';
  let dist = '';

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'al-chunks-'));
    dist = join(home, 'dist');
    writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
    for (const [name, text] of Object.entries(sources)) writeFileSync(join(home, name), text);
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  async function buildIt(sourcemap: boolean): Promise<void> {
    const entryPoints = [{ in: join(home, 'first.ts'), out: 'extension' }];
    await build({ ...extensionBuild(), absWorkingDir: home, entryPoints, outdir: dist, sourcemap });
  }

  it('loads what is imported dynamically when it is asked for, with every class once', async () => {
    await buildIt(false);
    const files = readdirSync(dist);
    expect(files.filter((name) => name.endsWith('.map'))).toEqual([]);
    expect(files.length).toBeGreaterThan(2);
    expect(readFileSync(join(dist, 'extension.js'), 'utf8')).not.toContain('"late"');
    const extension = (await import(pathToFileURL(join(dist, 'extension.js')).href)) as {
      before: string[];
      use(): Promise<unknown>;
    };
    expect(extension.before).toEqual(['first']);
    expect(await extension.use()).toEqual({ same: true, loaded: ['first', 'late'], place: dist });
  });

  it('is mapped back to its sources', async () => {
    await buildIt(true);
    const chunks = readdirSync(dist).filter((name) => name.endsWith('.js'));
    const maps = chunks.map(
      (name) => JSON.parse(readFileSync(join(dist, `${name}.map`), 'utf8')) as { sources: string[] },
    );
    const mapped = maps.flatMap((map) => map.sources.map((source) => basename(source)));
    expect(mapped.toSorted()).toEqual(['first.ts', 'late.ts', 'shared.ts']);
    for (const name of chunks) expect(readFileSync(join(dist, name), 'utf8')).toContain(`=${name}.map`);
  });

  it('keeps the young chunks of an earlier build, which an open window may still load, and removes old ones', async () => {
    mkdirSync(dist);
    for (const name of ['extension-OLD.js', 'extension-OLD.js.map', 'extension-YOUNG.js', 'other.js']) {
      writeFileSync(join(dist, name), '');
    }
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    for (const name of ['extension-OLD.js', 'extension-OLD.js.map', 'other.js']) {
      utimesSync(join(dist, name), twoDaysAgo, twoDaysAgo);
    }
    await buildIt(false);
    const files = readdirSync(dist);
    expect(files).toEqual(expect.arrayContaining(['extension.js', 'extension-YOUNG.js', 'other.js']));
    expect(files.filter((name) => name.includes('OLD'))).toEqual([]);
  });
});
