import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Rule {
  readonly rooms: readonly string[];
  readonly packages: readonly string[] | 'any';
}

const extension = (room: string): string => `extension/src/${room}`;
const core = extension('core');
const protocol = extension('protocol');
const workflow = extension('workflow');
const ports = extension('workflow/ports');
const adapters = extension('adapters');
const composition = extension('composition');
const sample = extension('sample');
/** What authors of plug-ins are given: types and an example. */
const plugin = 'extension/plugin';

function adapter(name: string, ...further: readonly string[]): [string, Rule] {
  const room = `${adapters}/${name}`;
  return [room, { rooms: [room, core, ports, ...further.map((other) => `${adapters}/${other}`)], packages: 'any' }];
}

/** What each room may import: other rooms, and packages. A room that is not named here may not exist. */
const rules: Readonly<Record<string, Rule>> = {
  [core]: { rooms: [core], packages: ['yaml', 'zod'] },
  [protocol]: { rooms: [protocol], packages: ['zod'] },
  [workflow]: { rooms: [workflow, core], packages: ['zod'] },
  ...Object.fromEntries([
    adapter('process', 'storage'),
    // Every writer into the folder `.active-learning` asks it.
    adapter('storage'),
    adapter('wasm'),
    adapter('store', 'storage'),
    // What decodes runs in a process of its own.
    adapter('files', 'process', 'storage'),
    adapter('embeddings', 'storage'),
    adapter('selection', 'wasm'),
    adapter('labels', 'process', 'storage'),
    adapter('userRecord'),
    // The worker decodes images, so that pixels never cross a process boundary.
    adapter('inference', 'files', 'process', 'wasm'),
    adapter('training', 'process', 'storage'),
    // Converts in a process of its own, which decodes.
    adapter('previews', 'files', 'process', 'storage'),
    // The same port through the trainer's Python: its run folder, and the errors of the other adapter.
    adapter('pythonInference', 'training', 'inference', 'storage'),
  ]),
  [`${adapters}/plugins`]: {
    rooms: [`${adapters}/plugins`, `${adapters}/storage`, core, ports, plugin],
    packages: 'any',
  },
  // Ports and adapters meet here, for every program of ours.
  [composition]: { rooms: [composition, workflow, core, adapters], packages: 'any' },
  // The generator of the sample project: pictures from a seed, for every door.
  [sample]: { rooms: [sample, workflow, core], packages: 'any' },
  [extension('cli')]: { rooms: [extension('cli'), sample, composition, workflow, core, adapters], packages: 'any' },
  [extension('host')]: { rooms: [extension('host'), composition, workflow, core, adapters, protocol], packages: 'any' },
  'webview/src/bridge': { rooms: ['webview/src/bridge', protocol], packages: ['react'] },
  'webview/src/ui': {
    rooms: ['webview/src/ui', 'webview/src/bridge'],
    packages: ['react', '@vscode/webview-ui-toolkit'],
  },
  'webview/src/review': {
    rooms: ['webview/src/review', 'webview/src/ui', 'webview/src/bridge', protocol],
    packages: ['react', 'react-dom'],
  },
  'webview/src/metrics': {
    rooms: ['webview/src/metrics', 'webview/src/ui', 'webview/src/bridge', protocol],
    packages: ['react', 'react-dom', 'uplot'],
  },
};

const onlyIn: Readonly<Record<string, string>> = {
  vscode: extension('host'),
  'better-sqlite3': `${adapters}/store`,
  'onnxruntime-node': `${adapters}/inference`,
  execa: adapters,
};

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    // What only tests use lies beside them, and may reach further.
    if (['fixtures', 'testing', 'testing.ts'].includes(entry.name)) return [];
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.') ? [path] : [];
  });
}

function allSources(): string[] {
  return [...sources('extension/src'), ...sources('webview/src')];
}

function isIn(path: string, room: string): boolean {
  return path.startsWith(`${room}/`);
}

function roomOf(path: string): string | undefined {
  return Object.keys(rules)
    .toSorted((a, b) => b.length - a.length)
    .find((room) => isIn(path, room));
}

function ruleOf(path: string): Rule {
  return rules[roomOf(path) ?? ''] ?? { rooms: [], packages: [] };
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
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
    entryPoints: allSources(),
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    loader: { '.css': 'empty', '.ttf': 'empty' },
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
      from: 'extension/src/workflow/ports/system.ts',
      to: 'extension/src/workflow/ports/store/leases.ts',
      external: false,
    });
  });

  test('every source lies in a known room', () => {
    const homeless = allSources().filter((path) => roomOf(path) === undefined);
    expect(homeless.filter((path) => !path.endsWith('.d.ts'))).toEqual([]);
  });

  test('rooms import only their neighbours', () => {
    const wrong = edges.filter(
      ({ from, to, external }) =>
        !external && !to.endsWith('.css') && !ruleOf(from).rooms.some((room) => isIn(to, room)),
    );
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('files of the host import each other in no circle, types included', () => {
    const next = new Map<string, string[]>();
    for (const { from, to } of edges)
      if (isIn(from, extension('host'))) next.set(from, [...(next.get(from) ?? []), to]);
    const over = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
      if (way.includes(file) || over.has(file)) return;
      for (const other of next.get(file) ?? []) walk(other, [...way, file]);
      over.add(file);
    };
    for (const file of next.keys()) walk(file, []);
    expect(next.size).toBeGreaterThan(50);
    expect(circles).toEqual([]);
  });

  test('pure rooms import no platform', () => {
    const wrong = edges.filter(({ from, to, external }) => {
      const { packages } = ruleOf(from);
      return external && packages !== 'any' && !packages.includes(packageOf(to));
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('each native and vscode has one home', () => {
    const wrong = edges.filter(({ from, to, external }) => {
      const home = onlyIn[to];
      return external && home !== undefined && !isIn(from, home);
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('no image decoder is loaded where other extensions live', () => {
    // What inference imports of it, it imports when it runs in a worker.
    const reaches = new Set([`${adapters}/files/decodeImage.ts`, 'sharp']);
    const known = edges.filter(({ from }) => from !== `${adapters}/inference/runtime.ts`);
    for (let size = 0; size < reaches.size;) {
      size = reaches.size;
      for (const { from, to } of known) if (reaches.has(to)) reaches.add(from);
    }
    expect(reaches).toContain(`${adapters}/files/reader.ts`);
    const wrong = [...reaches].filter((file) => isIn(file, extension('host')) || isIn(file, composition));
    expect(wrong).toEqual([]);
  });
});
