import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const source = 'extension/src/';

/** What each room may import: other rooms, and packages. A room that is not named here may not exist. */
const rules: Record<string, { rooms: readonly string[]; packages: readonly string[] | 'any' }> = {
  core: { rooms: ['core'], packages: ['yaml', 'zod'] },
  protocol: { rooms: ['protocol'], packages: ['zod'] },
  workflow: { rooms: ['workflow', 'core'], packages: ['zod'] },
  'adapters/process': { rooms: ['adapters/process', 'core', 'workflow/ports'], packages: 'any' },
  'adapters/store': { rooms: ['adapters/store', 'core', 'workflow/ports'], packages: 'any' },
  'adapters/files': { rooms: ['adapters/files', 'core', 'workflow/ports'], packages: 'any' },
  'adapters/labels': { rooms: ['adapters/labels', 'core', 'workflow/ports'], packages: 'any' },
  // The worker decodes images, so that pixels never cross a process boundary.
  'adapters/inference': { rooms: ['adapters/inference', 'adapters/files', 'core', 'workflow/ports'], packages: 'any' },
  'adapters/training': { rooms: ['adapters/training', 'adapters/process', 'core', 'workflow/ports'], packages: 'any' },
  // Ports and adapters meet here, for every program of ours.
  composition: { rooms: ['composition', 'workflow', 'core', 'adapters/'], packages: 'any' },
  cli: { rooms: ['cli', 'composition', 'workflow', 'core', 'adapters/'], packages: 'any' },
  host: { rooms: ['host', 'composition', 'workflow', 'core', 'adapters/', 'protocol'], packages: 'any' },
};

const onlyIn: Record<string, string> = {
  vscode: 'host',
  'better-sqlite3': 'adapters/store',
  'onnxruntime-node': 'adapters/inference',
  execa: 'adapters/',
};

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.') ? [path] : [];
  });
}

function roomOf(path: string): string {
  const inside = path.slice(source.length);
  const names = Object.keys(rules).toSorted((a, b) => b.length - a.length);
  return names.find((name) => inside.startsWith(`${name}/`)) ?? inside;
}

/** Type-only imports cross walls too; esbuild would drop them, so they are made ordinary before it looks. */
const keepTypeImports: Plugin = {
  name: 'keep-type-imports',
  setup(context) {
    context.onLoad({ filter: /\.tsx?$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/^(import|export) type (?=[{*])/gm, '$1 '),
      loader: path.endsWith('x') ? 'tsx' : 'ts',
    }));
  },
};

interface Edge {
  from: string;
  to: string;
  external: boolean;
}
let edges: Edge[] = [];

beforeAll(async () => {
  const result = await build({
    absWorkingDir: root,
    entryPoints: sources('extension/src'),
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    plugins: [keepTypeImports],
  });
  edges = Object.entries(result.metafile.inputs).flatMap(([from, input]) =>
    input.imports.map((edge) => ({
      from: relative(root, join(root, from)).split(sep).join('/'),
      to: edge.path,
      external: edge.external ?? false,
    })),
  );
});

describe('walls', () => {
  test('the graph was read, type imports included', () => {
    expect(edges.length).toBeGreaterThan(50);
    expect(edges).toContainEqual({
      from: 'extension/src/workflow/ports/trainer.ts',
      to: 'extension/src/workflow/ports/store.ts',
      external: false,
    });
  });

  test('every source lies in a known room', () => {
    expect(
      sources('extension/src').filter((path) => !(roomOf(path) in rules) && path !== 'extension/src/main.ts'),
    ).toEqual([]);
  });

  test('rooms import only their neighbours', () => {
    const wrong = edges.filter(({ from, to, external }) => {
      if (external) return false;
      const allowed = rules[roomOf(from)]?.rooms ?? [];
      const inside = to.slice(source.length);
      return (
        !to.startsWith(source) || !allowed.some((room) => inside.startsWith(room.endsWith('/') ? room : `${room}/`))
      );
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('pure rooms import no platform', () => {
    const wrong = edges.filter(({ from, to, external }) => {
      const packages = rules[roomOf(from)]?.packages ?? [];
      return external && packages !== 'any' && !packages.includes(to.split('/')[0] ?? to);
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('each native and vscode has one home', () => {
    const wrong = edges.filter(({ from, to, external }) => {
      const home = onlyIn[to];
      return external && home !== undefined && !from.startsWith(`${source}${home}`);
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });
});
