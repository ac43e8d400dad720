import { targets } from './targets.ts';

interface NativePackage {
  readonly name: string;
  readonly files: readonly string[];
  readonly natives: readonly string[];
  readonly first?: Readonly<Record<string, string>>;
}

/**
 * The packages that stay outside the bundles, each with the only files of it that are shipped, relative to the package.
 * A pattern names files by `*` within one folder; `**` stands for any folders. Every pattern must match something.
 * `first` is code that begins a file of the package here.
 */
export function nativePackages(target: string): NativePackage[] {
  const parts = targets[target];
  if (parts === undefined) throw new Error(`There is no package for ${target}.`);
  const { onnxRuntime, decoder } = parts;
  const binaries = `bin/napi-v6/${target.replace('-', '/')}`;
  return [
    {
      name: 'better-sqlite3',
      files: ['package.json', 'LICENSE', 'lib/{binding,database,index,sqlite-error,util}.js', 'lib/methods/*.js'],
      natives: [`prebuilds/${target}.node`],
    },
    {
      name: 'onnxruntime-node',
      files: ['package.json', 'dist/*.js'],
      natives: [`${binaries}/onnxruntime_binding.node`, ...onnxRuntime.map((name) => `${binaries}/${name}`)],
    },
    { name: 'onnxruntime-common', files: ['package.json', 'dist/cjs/**.js', 'dist/cjs/package.json'], natives: [] },
    { name: 'sharp', files: ['package.json', 'LICENSE', 'dist/*.cjs', 'dist/*.mjs'], natives: [] },
    { name: '@img/colour', files: ['package.json', 'LICENSE.md', '*.cjs'], natives: [] },
    { name: 'detect-libc', files: ['package.json', 'LICENSE', 'lib/*.js'], natives: [] },
    {
      name: 'semver',
      files: ['package.json', 'LICENSE', 'index.js', '{classes,functions,internal,ranges}/*.js'],
      natives: [],
    },
    ...decoder.flatMap(decoderPackages),
  ];
}

function decoderPackages(name: string): NativePackage[] {
  if (name === 'sharp-wasm32') {
    return [
      {
        name: '@img/sharp-wasm32',
        files: ['package.json', 'LICENSE', 'README.md', 'index.cjs', 'versions.json', 'lib/*.js'],
        natives: ['lib/*.wasm'],
      },
      { name: '@emnapi/runtime', files: ['package.json', 'LICENSE', 'index.js', 'dist/emnapi.cjs*.js'], natives: [] },
    ];
  }
  const files = ['package.json', 'README.md', 'versions.json'];
  const linux = name.includes('-linux-');
  if (name.startsWith('sharp-libvips')) {
    const library = linux ? 'lib/*.so.*' : 'lib/*.dylib';
    return [{ name: `@img/${name}`, files: [...files, 'lib/index.js'], natives: [library] }];
  }
  const windows = name.startsWith('sharp-win32');
  return [
    {
      name: `@img/${name}`,
      files: ['package.json', 'LICENSE', 'README.md', 'index.cjs', ...(windows ? ['versions.json'] : [])],
      natives: windows ? ['lib/*.node', 'lib/*.dll'] : ['lib/*.node'],
      ...(linux ? { first: { 'index.cjs': withoutElectron } } : {}),
    },
  ];
}

/** sharp asks for its native form first, and takes WebAssembly if there is none. */
const withoutElectron = `if (process.versions.electron) {
  // GLib inside Electron and GLib inside libvips export the same symbols, and mix.
  throw Object.assign(new Error('In Electron on Linux, WebAssembly decodes images.'), { code: 'MODULE_NOT_FOUND' });
}
`;
