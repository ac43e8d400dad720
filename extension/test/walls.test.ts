import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Rule {
  readonly layers: readonly string[];
  readonly packages: readonly string[] | 'any';
}

const extension = (layer: string): string => `extension/src/${layer}`;
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
  const layer = `${adapters}/${name}`;
  return [layer, { layers: [layer, core, ports, ...further.map((other) => `${adapters}/${other}`)], packages: 'any' }];
}

/** The folders of the use cases, lowest layer first; each may import only layers listed before it. */
const workflowLayers: readonly (readonly [layer: string, mayImport: readonly string[]])[] = [
  ['ports', []],
  ['shared', ['ports']],
  ['dataset', ['shared', 'ports']],
  ['models', ['dataset', 'shared', 'ports']],
  // Vectors and near duplicates of a dataset's images.
  ['similarity', ['models', 'dataset', 'shared', 'ports']],
  ['session', ['similarity', 'models', 'dataset', 'shared', 'ports']],
  ['review', ['dataset', 'shared', 'ports']],
  ['iteration/scoring', ['similarity', 'models', 'dataset', 'shared', 'ports']],
  ['iteration/selection', ['iteration/scoring', 'session', 'similarity', 'models', 'dataset', 'shared', 'ports']],
  [
    'iteration',
    ['iteration/selection', 'iteration/scoring', 'session', 'similarity', 'models', 'dataset', 'shared', 'ports'],
  ],
  // Which images a grid shows, and what is done to many of them.
  ['grid', ['review', 'session', 'similarity', 'models', 'dataset', 'shared', 'ports']],
  // The loop without a person: iterations, and reviews by an oracle.
  ['simulation', ['iteration', 'review', 'session', 'dataset', 'shared', 'ports']],
  // The command line and VS Code read this table.
  [
    'operations',
    ['simulation', 'iteration', 'review', 'session', 'similarity', 'models', 'dataset', 'shared', 'ports'],
  ],
];

/** What each layer may import: other layers, and packages. Every source belongs to one of them. */
const rules: Readonly<Record<string, Rule>> = {
  [core]: { layers: [core], packages: ['yaml', 'zod'] },
  [protocol]: { layers: [protocol], packages: ['zod'] },
  ...Object.fromEntries(
    workflowLayers.map(([layer, mayImport]): [string, Rule] => [
      `${workflow}/${layer}`,
      { layers: [core, ...[layer, ...mayImport].map((other) => `${workflow}/${other}`)], packages: ['zod'] },
    ]),
  ),
  ...Object.fromEntries([
    // File system, processes, threads and WebAssembly, for all other adapters.
    adapter('platform'),
    // What may be stored in the folder `.active-learning`, and where.
    adapter('storage', 'platform'),
    adapter('store', 'platform', 'storage'),
    // Decoding runs in a separate process.
    adapter('files', 'platform'),
    adapter('embeddings', 'platform'),
    adapter('selection', 'platform'),
    adapter('labels', 'platform', 'storage'),
    adapter('userRecord', 'platform'),
    // How a Python is found and started, and the files that it writes.
    adapter('python', 'platform'),
    // The worker decodes images, so that pixels never cross a process boundary.
    adapter('inference', 'files', 'platform', 'python'),
    adapter('training', 'platform', 'python'),
    // Converts in a separate process, which decodes.
    adapter('previews', 'files', 'platform'),
  ]),
  [`${adapters}/plugins`]: {
    layers: [`${adapters}/plugins`, `${adapters}/platform`, core, ports, plugin],
    packages: 'any',
  },
  // Ports and adapters meet here, for every entry point.
  [composition]: { layers: [composition, workflow, core, adapters], packages: 'any' },
  // The generator of the sample project: images drawn from a seed, for every entry point.
  [sample]: { layers: [sample, workflow, core], packages: 'any' },
  [extension('cli')]: { layers: [extension('cli'), sample, composition, workflow, core, adapters], packages: 'any' },
  [extension('host')]: {
    layers: [extension('host'), composition, workflow, core, adapters, protocol],
    packages: 'any',
  },
  'webview/src/bridge': { layers: ['webview/src/bridge', protocol], packages: [] },
  'webview/src/ui': {
    layers: ['webview/src/ui', 'webview/src/bridge'],
    packages: ['react', 'react-dom', '@vscode/webview-ui-toolkit'],
  },
  'webview/src/review': {
    layers: ['webview/src/review', 'webview/src/ui', 'webview/src/bridge', protocol],
    packages: ['react'],
  },
  'webview/src/grid': {
    layers: ['webview/src/grid', 'webview/src/ui', 'webview/src/bridge', protocol],
    packages: ['react'],
  },
  'webview/src/metrics': {
    layers: ['webview/src/metrics', 'webview/src/ui', 'webview/src/bridge', protocol],
    packages: ['react', 'uplot'],
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

/** The scripts and benchmarks: not layers of the product, but without import circles too. */
function tools(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return tools(path);
    return /\.(?:[cm]?js|ts)$/.test(entry.name) && !/\.(?:test|d)\./.test(entry.name) ? [path] : [];
  });
}

function isIn(path: string, layer: string): boolean {
  return path.startsWith(`${layer}/`);
}

function isTest(path: string): boolean {
  return /\/(testing|fixtures|test)\/|\/testing\.ts$|\.test\.tsx?$/.test(path);
}

function layerOf(path: string): string | undefined {
  return Object.keys(rules)
    .toSorted((a, b) => b.length - a.length)
    .find((layer) => isIn(path, layer));
}

function ruleOf(path: string): Rule {
  return rules[layerOf(path) ?? ''] ?? { layers: [], packages: [] };
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The rules hold for type-only imports too. esbuild would drop those, so this makes them ordinary imports first. */
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

let toolEdges: Edge[] = [];

beforeAll(async () => {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [...allSources(), ...tools('scripts'), ...tools('bench')],
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
  const all = Object.entries(result.metafile.inputs).flatMap(([from, input]) =>
    input.imports.map((edge) => ({
      from: relative(root, join(root, from)).split(sep).join('/'),
      to: edge.path,
      external: edge.external ?? false,
    })),
  );
  edges = all.filter(({ from }) => isIn(from, 'extension/src') || isIn(from, 'webview/src'));
  toolEdges = all.filter(({ from }) => isIn(from, 'scripts') || isIn(from, 'bench'));
});

/** Import circles in `graph`, each once. */
function circles(graph: readonly (readonly [from: string, to: string])[]): string[] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of graph) next.set(from, (next.get(from) ?? new Set()).add(to));
  const finished = new Set<string>();
  const result: string[] = [];
  const walk = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) result.push([...way.slice(way.indexOf(node)), node].join(' -> '));
    if (way.includes(node) || finished.has(node)) return;
    for (const other of next.get(node) ?? []) walk(other, [...way, node]);
    finished.add(node);
  };
  for (const node of next.keys()) walk(node, []);
  return result;
}

describe('import rules', () => {
  test('the graph was read, type imports included', () => {
    expect(edges.length).toBeGreaterThan(50);
    expect(edges).toContainEqual({
      from: 'extension/src/workflow/ports/system.ts',
      to: 'extension/src/workflow/ports/store/leases.ts',
      external: false,
    });
  });

  test('every source belongs to a layer', () => {
    const outside = allSources().filter((path) => layerOf(path) === undefined);
    expect(outside.filter((path) => !path.endsWith('.d.ts'))).toEqual([]);
  });

  test('a layer imports only the layers that its rule allows', () => {
    const wrong = edges.filter(
      ({ from, to, external }) =>
        !external && !to.endsWith('.css') && !ruleOf(from).layers.some((layer) => isIn(to, layer)),
    );
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('no files import each other in a circle, types included', () => {
    const graph = [...edges, ...toolEdges].filter(({ external }) => !external);
    expect(graph.length).toBeGreaterThan(2000);
    expect(circles(graph.map(({ from, to }) => [from, to]))).toEqual([]);
  });

  test('no layers import each other in a circle', () => {
    const graph = edges.flatMap(({ from, to, external }): [string, string][] => {
      const [layer, other] = [layerOf(from), layerOf(to)];
      return external || layer === undefined || other === undefined || layer === other ? [] : [[layer, other]];
    });
    expect(graph.length).toBeGreaterThan(500);
    expect(circles(graph)).toEqual([]);
  });

  test('a folder of the use cases imports only folders listed before it', () => {
    const before = new Set<string>();
    for (const [layer, mayImport] of workflowLayers) {
      expect(mayImport.filter((other) => !before.has(other))).toEqual([]);
      before.add(layer);
    }
  });

  test('pure layers import no platform', () => {
    const wrong = edges.filter(({ from, to, external }) => {
      const { packages } = ruleOf(from);
      return external && packages !== 'any' && !packages.includes(packageOf(to));
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('no source imports from a test folder', () => {
    const wrong = edges.filter(({ from, to, external }) => !external && !isTest(from) && isTest(to));
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('only one layer imports each native package, and only the host imports vscode', () => {
    const wrong = edges.filter(({ from, to, external }) => {
      const home = onlyIn[to];
      return external && home !== undefined && !isIn(from, home);
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('the extension host, which all extensions share, loads no image decoder', () => {
    // What inference imports of it, it imports when it runs in a worker.
    const reaches = new Set([`${adapters}/files/images/decodeImage.ts`, 'sharp']);
    const known = edges.filter(({ from }) => from !== `${adapters}/inference/onnx/runtime.ts`);
    for (let size = 0; size < reaches.size;) {
      size = reaches.size;
      for (const { from, to } of known) if (reaches.has(to)) reaches.add(from);
    }
    expect(reaches).toContain(`${adapters}/files/reader/reader.ts`);
    const wrong = [...reaches].filter((file) => isIn(file, extension('host')) || isIn(file, composition));
    expect(wrong).toEqual([]);
  });
});
