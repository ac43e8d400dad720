// What a newcomer meets: the files around the code are valid, and name only what exists.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { toRegExp } from '../../scripts/lib/package/patterns.ts';
import { targets } from '../../scripts/lib/package/targets.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const list = (folder: string): string[] => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(read('package.json')) as Manifest;

/** The scripts that a text starts by "npm run <script>". */
function npmScripts(text: string): string[] {
  return [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
}

const missingScripts = (text: string): string[] => npmScripts(text).filter((name) => !(name in manifest.scripts));

describe('workflows', () => {
  interface Step {
    readonly uses?: string;
    readonly run?: string;
  }
  interface Workflow {
    readonly on: object;
    readonly permissions: object;
    readonly jobs: Readonly<Record<string, { readonly 'runs-on': string; readonly steps: readonly Step[] }>>;
  }

  test.each(list('.github/workflows'))('%s has the parts that GitHub needs, and starts scripts that exist', (path) => {
    const workflow = parse(read(path)) as Workflow;
    expect(Object.keys(workflow.on)).not.toEqual([]);
    // Without it, every step gets a token that may write.
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const [name, job] of Object.entries(workflow.jobs)) {
      expect(job['runs-on'], name).toBeTypeOf('string');
      for (const step of job.steps) expect([step.uses, step.run].filter(Boolean), name).toHaveLength(1);
      const actions = job.steps.flatMap(({ uses = [] }) => uses);
      expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@v\d+$/.test(action))).toEqual([]);
    }
    expect(npmScripts(read(path))).not.toEqual([]);
    expect(missingScripts(read(path))).toEqual([]);
  });

  test('unit tests run on Linux, Windows and macOS', () => {
    const { jobs } = parse(read('.github/workflows/ci.yml')) as {
      jobs: { unit: { strategy: { matrix: { os: string[] } } } };
    };
    const systems = jobs.unit.strategy.matrix.os.map((name) => name.replace(/-.*/, ''));
    expect(systems.toSorted()).toEqual(['macos', 'ubuntu', 'windows']);
  });

  test('the first command runs under every Node that can start it', () => {
    const { jobs } = parse(read('.github/workflows/ci.yml')) as {
      jobs: { 'first-command': { strategy: { matrix: { node: number[] } } } };
    };
    const { node } = jobs['first-command'].strategy.matrix;
    expect(`>=${Math.min(...node)}`).toBe(manifest.engines.node);
    expect(Math.max(...node)).toBe(Number(read('.nvmrc')));
  });

  test('a release packs every platform', () => {
    const packed = /for target in ([^;]+);/.exec(read('.github/workflows/release.yml'))?.[1]?.split(' ') ?? [];
    expect(packed.toSorted()).toEqual(Object.keys(targets).toSorted());
  });
});

describe('issue forms', () => {
  interface Form {
    readonly name: string;
    readonly description: string;
    readonly body: readonly { type: string; id?: string; attributes: { label?: string; options?: string[] } }[];
  }
  const forms = list('.github/ISSUE_TEMPLATE').filter((path) => !path.endsWith('config.yml'));

  test.each(forms)('%s is a form that GitHub accepts', (path) => {
    const { name, description, body } = parse(read(path)) as Form;
    for (const text of [name, description]) expect(text).toMatch(/\w/);
    expect(body).not.toEqual([]);
    for (const { type, attributes } of body) {
      expect(['textarea', 'input', 'dropdown', 'checkboxes']).toContain(type);
      expect(attributes.label).toMatch(/\w/);
      expect(attributes.options?.length ?? 0).toBeGreaterThan(type === 'dropdown' ? 1 : -1);
    }
    const ids = body.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the editor of a newcomer', () => {
  interface Tasks {
    readonly tasks: readonly { label: string; script?: string; dependsOn?: string[] }[];
  }
  interface Launch {
    readonly configurations: readonly { name: string; preLaunchTask?: string }[];
  }
  const { tasks } = JSON.parse(read('.vscode/tasks.json')) as Tasks;
  const labels = tasks.map(({ label }) => label);

  test('has tasks for scripts that exist', () => {
    const named = tasks.flatMap(({ script = [] }) => script);
    expect(named).not.toEqual([]);
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
    expect(tasks.flatMap(({ dependsOn = [] }) => dependsOn).filter((name) => !labels.includes(name))).toEqual([]);
  });

  test('launches after tasks that exist', () => {
    const { configurations } = JSON.parse(read('.vscode/launch.json')) as Launch;
    const before = configurations.flatMap(({ preLaunchTask = [] }) => preLaunchTask);
    expect(before).not.toEqual([]);
    expect(before.filter((name) => !labels.includes(name))).toEqual([]);
  });

  test('gets the same extensions in a container', () => {
    const { recommendations } = JSON.parse(read('.vscode/extensions.json')) as { recommendations: string[] };
    const container = JSON.parse(read('.devcontainer/devcontainer.json')) as {
      postCreateCommand: string;
      customizations: { vscode: { extensions: string[] } };
    };
    expect(container.customizations.vscode.extensions).toEqual(recommendations);
    expect(missingScripts(container.postCreateCommand)).toEqual([]);
  });

  test('runs the Node that the project brings', () => {
    expect(read('.nvmrc').trim()).toBe(manifest.devDependencies['node']?.split('.')[0]);
  });
});

test('none of it is shipped', () => {
  const shipped = read('.vscodeignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => toRegExp(line.slice(1)));
  const files = ['.editorconfig', '.nvmrc', 'CITATION.cff', 'SUPPORT.md', 'CODE_OF_CONDUCT.md', 'media/review.webp'];
  const folders = ['.vscode', '.github', '.github/workflows', '.github/ISSUE_TEMPLATE', '.devcontainer', 'docs'];
  const paths = [...files, ...folders.flatMap(list)];
  expect(paths.filter((path) => shipped.some((pattern) => pattern.test(path)))).toEqual([]);
});

test('the citation names the version', () => {
  const citation = parse(read('CITATION.cff')) as Record<string, unknown>;
  expect(citation).toMatchObject({ 'cff-version': '1.2.0', version: manifest.version, license: 'MIT' });
  for (const field of ['title', 'message', 'authors']) expect(citation[field]).toBeTruthy();
});

describe('pages for developers and users', () => {
  const pages = [
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
    ...list('docs'),
    '.github/PULL_REQUEST_TEMPLATE.md',
  ];
  const rooms = readdirSync(join(root, 'extension', 'src'));
  const tops = ['extension', 'webview', 'trainer', 'scripts', 'bench', 'docs', 'media', 'l10n', '.github', '.vscode'];
  const bases = ['', 'extension/src/', 'trainer/'];

  /** Paths of this repository among the code of a page: their first folder is one of ours. */
  function pathsIn(text: string): string[] {
    const code = [...text.matchAll(/`([\w.@-]+(?:\/[\w.@-]*)+)`/g)].map((match) => match[1] ?? '');
    return code.filter((path) => [...tops, ...rooms, 'al_trainer'].includes(path.split('/')[0] ?? ''));
  }

  test.each(pages)('%s names paths and scripts that exist', (page) => {
    const text = read(page);
    const missing = pathsIn(text).filter((path) => !bases.some((base) => existsSync(join(root, base, path))));
    expect(missing).toEqual([]);
    expect(missingScripts(text)).toEqual([]);
  });

  test('comments cite headings that the architecture has', () => {
    const headings = [...read('docs/architecture.md').matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '');
    const sources = ['extension/src', 'webview/src', 'trainer/al_trainer', 'scripts', 'bench'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|tsx|mjs|py)$/.test(name))
        .map((name) => join(folder, name)),
    );
    const cited = sources.flatMap((file) =>
      [...read(file).matchAll(/docs\/architecture\.md, ([A-Z][a-z]+(?: [a-z]+)*)/g)].map((match) => ({
        file,
        heading: match[1] ?? '',
      })),
    );
    expect(cited.length).toBeGreaterThan(5);
    expect(cited.filter(({ heading }) => !headings.includes(heading))).toEqual([]);
  });

  test('paths are recognised at all', () => {
    expect(pathsIn(read('docs/architecture.md')).length).toBeGreaterThan(10);
    expect(pathsIn('`core/nowhere.ts` `images/train` `npm run x`')).toEqual(['core/nowhere.ts']);
  });
});
