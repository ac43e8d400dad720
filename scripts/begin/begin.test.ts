// What a new user's first command meets: a clone with nothing installed, and whatever Node is there.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** The script that begin.cjs hands over to. */
function entryOf(command: string): string {
  return /^node scripts\/begin\.cjs (scripts\/\w+\.\w+)/.exec(command)?.[1] ?? '';
}

const entries = [...new Set(Object.values(scripts).map(entryOf))];

it('every npm script begins with the file that any Node can read', () => {
  expect(Object.entries(scripts).filter(([, command]) => !existsSync(join(root, entryOf(command) || '?')))).toEqual([]);
});

/** What a file loads before its first line runs, and what those files load, by the names that they write. */
async function loadedAtOnce(entry: string): Promise<Set<string>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'unused',
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  const loaded = new Set([entry]);
  for (const file of loaded) {
    for (const { path, kind } of metafile.inputs[file]?.imports ?? []) if (kind !== 'dynamic-import') loaded.add(path);
  }
  return loaded;
}

it.each(['scripts/begin.cjs', 'scripts/begin/begin.mjs'])(
  '%s loads nothing that would have to be installed',
  async (entry) => {
    const loaded = [...(await loadedAtOnce(entry))];
    const foreign = loaded.filter(
      (path) => !/^scripts\/(begin\/\w+|begin)\.[cm]js$/.test(path) && !/^(node:)?(\w+\/)*\w+$/.test(path),
    );
    expect(foreign).toEqual([]);
    const modules = loaded.filter((path) => !path.startsWith('scripts/'));
    expect(modules.filter((path) => process.getBuiltinModule(path) === undefined)).toEqual([]);
  },
);

it('what an old Node reads is written for it', async () => {
  for (const file of ['scripts/begin.cjs', 'scripts/begin/nodeVersion.cjs']) {
    const text = readFileSync(join(root, file), 'utf8');
    const [old, young] = await Promise.all(['es5', 'esnext'].map((target) => transform(text, { target })));
    expect(old?.code, file).toBe(young?.code);
  }
});

describe('in a clone with nothing installed', () => {
  let home = '';

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'al-bare-'));
    for (const name of ['scripts', 'package.json', 'package-lock.json', '.npmrc']) {
      cpSync(join(root, name), join(home, name), { recursive: true });
    }
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    // An empty PATH: nothing can be installed.
    return spawnSync(process.execPath, args, { cwd: home, env: { PATH: '' }, encoding: 'utf8' });
  }

  it.each([[], ...entries.map((entry) => [entry])])('begin.cjs %s --help answers', (...entry) => {
    const { status, stdout, stderr } = run('scripts/begin.cjs', ...entry, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: /);
  });

  it.each(entries)('%s says that npm is missing, without a stack', (entry) => {
    const args = entry === 'scripts/run.ts' ? ['--build', 'dist/cli.js'] : [];
    const { status, stderr } = run('scripts/begin.cjs', entry, ...args);
    expect(status).toBe(1);
    expect(stderr).toContain('Installing node modules');
    expect(stderr).toContain('npm could not install the node modules');
    expect(stderr).toContain(join('.cache', 'logs', 'npm.log'));
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('what installs and builds leaves the output to the command', () => {
    const { stdout, stderr } = run('scripts/begin.cjs', 'scripts/run.ts', '--build', 'dist/cli.js', 'status', '--json');
    expect(stdout).toBe('');
    expect(stderr).toContain('> Installing node modules');
  });

  it.each(['8.17.0', '18.20.8'])('every script reports to Node %s which version it needs', (version) => {
    const old = join(home, 'old.cjs');
    writeFileSync(old, `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`);
    for (const entry of entries) {
      const { status, stdout, stderr } = run('--require', old, 'scripts/begin.cjs', entry);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toBe(
        `This needs Node 20 or newer to start; here is Node ${version}.\n` +
          'Install a current Node from nodejs.org or your package manager.\n',
      );
    }
  });

  it('npm knows every setting of the project, and runs no script of a package', () => {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
    const options = { cwd: home, env, encoding: 'utf8', shell: process.platform === 'win32' } as const;
    const { stdout, stderr } = spawnSync('npm', ['config', 'get', 'ignore-scripts'], options);
    expect(stdout).toBe('true\n');
    // "Unknown project config …"; the user's settings do not matter here.
    expect(stderr).not.toContain('project');
  });
});
