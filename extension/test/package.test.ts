import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostTarget, refusal } from '../../scripts/lib/package/targets.ts';
import { packVsix, sizeLimit } from '../../scripts/lib/package/vsix.ts';
import { unzip, type ZipEntry } from '../../scripts/lib/package/zip.ts';
import { createInference } from '../src/adapters/inference/onnx/createInference.ts';
import { collect, dynamicModel, options, repeated } from '../src/adapters/inference/testing/predictions.ts';
import type { ModelFiles } from '../src/workflow/ports/inference.ts';
import { makeTinyDataset } from './support/tinyDataset.ts';

const missing = refusal(hostTarget);
if (missing !== null) console.log(`The tests of the package are skipped. ${missing}`);

const execute = promisify(execFile);
const testData = process.env['AL_TEST_DATA'] ?? '';
const realModel = join(testData, 'models', 'yolov8n-coco-int8.onnx');
const photographs = join(testData, 'data', 'raccoon-voc', 'images');
const [platform = '', arch = ''] = hostTarget.split('-');

/** What may be in the package, by folder. */
const allowed: readonly RegExp[] = [
  /^extension\.vsixmanifest$|^\[Content_Types\]\.xml$/,
  /^extension\/(readme\.md|changelog\.md|LICENSE\.txt|THIRD-PARTY-NOTICES\.txt|package\.json|package\.nls(\.[\w-]+)?\.json)$/,
  /^extension\/l10n\/bundle\.l10n(\.[\w-]+)?\.json$/,
  /^extension\/media\/(activity\.svg|icon\.png|panels\/[\w-]+\.svg|walkthrough\/[\w-]+\.(svg|png))$/,
  /^extension\/trainer\/(requirements\.txt|al_trainer\/[\w/]+\.py)$/,
  /^extension\/dist\/(extension-\w+|\w+)\.js$/,
  /^extension\/extension\/plugin\/(metric\.d\.ts|example\.mjs)$/,
  /^extension\/dist\/webview\/([\w-]+\.(js|css)|codicon\.ttf|[\w-]+\.js\.LEGAL\.txt)$/,
  /^extension\/dist\/node_modules\/(better-sqlite3|onnxruntime-(node|common)|sharp|detect-libc|semver|@img\/[\w-]+|@emnapi\/runtime)\/.*\.(c?js|mjs|json|node|wasm|so[.\d]*|dll|dylib)$/,
  /^extension\/dist\/node_modules\/(@?[\w-]+\/){1,2}(LICENSE(\.md)?|README\.md)$/,
];

/** Files that must never be in it, whatever the patterns above allow: only the types for authors of plug-ins may. */
const forbidden =
  /\.map$|(?<!\/plugin\/metric\.d)\.ts$|\.(tsx|mts|pyc|vsix|env)$|\.test\.|__pycache__|\.venv|\/(src|deps|test|tests|shared)\/|\.cache/;

// Skipped on platforms that no package is made for.
describe.skipIf(missing !== null)('the package for this platform', { timeout: 600_000 }, () => {
  let folder = '';
  let extension = '';
  let entries: readonly ZipEntry[] = [];
  let size = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'al packed '));
    const packed = await packVsix({ target: hostTarget, file: join(folder, 'extension.vsix') });
    ({ entries, size } = packed);
    await unzip(packed.path, join(folder, 'unpacked'));
    extension = join(folder, 'unpacked', 'extension');
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  /** Node without anything that could lead it back into the checkout. */
  async function run(script: string, ...args: readonly string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], HOME: folder, NODE_NO_WARNINGS: '1' };
    const { stdout } = await execute(process.execPath, [join(extension, 'dist', script), ...args], {
      cwd: folder,
      env,
    });
    return stdout;
  }

  test('holds what is named, nothing else, in less than 40 MB', () => {
    const names = entries.map(({ name }) => name);
    expect(names.filter((name) => !allowed.some((pattern) => pattern.test(name)))).toEqual([]);
    expect(names.filter((name) => forbidden.test(name))).toEqual([]);
    expect(size).toBeLessThan(sizeLimit);
    expect(size).toBeGreaterThan(5_000_000);
  });

  test('holds binaries of this platform alone', () => {
    const binaries = entries.map(({ name }) => name).filter((name) => /\.(node|so[.\d]*|dll|dylib)$/.test(name));
    const own = new RegExp(`${platform}[-/]${arch}`);
    expect(binaries.length).toBeGreaterThanOrEqual(3);
    expect(binaries.filter((name) => !own.test(name))).toEqual([]);
  });

  test('names only files that it holds, and is packed for its platform', () => {
    const manifest = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8')) as Record<string, unknown>;
    for (const name of ['private', 'scripts', 'dependencies', 'devDependencies'])
      expect(manifest).not.toHaveProperty(name);
    const text = JSON.stringify(manifest);
    const files = [...text.matchAll(/"(?:\.\/)?((?:media|dist)\/[^"]+)"/g)].map(([, file = '']) => file);
    expect(files).toContain('dist/extension.js');
    expect(files.filter((file) => !existsSync(join(extension, file)))).toEqual([]);
    const texts = JSON.parse(readFileSync(join(extension, 'package.nls.json'), 'utf8')) as Record<string, string>;
    const keys = [...text.matchAll(/"%([^%"]+)%"/g)].map(([, key = '']) => key);
    expect(keys.filter((key) => texts[key] === undefined)).toEqual([]);
    const vsix = readFileSync(join(folder, 'unpacked', 'extension.vsixmanifest'), 'utf8');
    expect(vsix).toContain(`TargetPlatform="${hostTarget}"`);
  });

  test('shows a readme that needs no file beside it', () => {
    const readme = readFileSync(join(extension, 'readme.md'), 'utf8');
    const targets = [...readme.matchAll(/\]\(([^)]{1,40})/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !/^(https:|#)/.test(target))).toEqual([]);
    expect(readme).not.toMatch(/npm run|npm start/);
  });

  test('names the licence of everything that it contains', () => {
    const notices = readFileSync(join(extension, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['better-sqlite3', 'onnxruntime-node', 'sharp', 'react', 'execa', 'zod', 'uplot']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
  });

  test('has natives that any Node and any Electron can load', () => {
    const natives = entries.map(({ name }) => name).filter((name) => name.endsWith('.node'));
    for (const name of natives) {
      const binary = readFileSync(join(folder, 'unpacked', name)).toString('latin1');
      expect(binary.includes('napi_register_module_v1'), name).toBe(true);
      // Functions of V8 itself change from version to version; Node-API does not.
      expect(/_ZN2v8|\?\w+@\w+@v8@@/.test(binary), name).toBe(false);
    }
    // Electron refuses memory that V8 did not allocate, and ONNX Runtime's results are large.
    const runtime = natives.find((name) => name.includes('onnxruntime')) ?? '';
    const binary = readFileSync(join(folder, 'unpacked', runtime)).toString('latin1');
    expect(binary.includes('napi_create_arraybuffer')).toBe(true);
    expect(/napi_create_external_(arraybuffer|buffer)/.test(binary)).toBe(false);
  });

  test('opens a database and decodes JPEG images, from its command line', async () => {
    const { yaml } = await makeTinyDataset({ folder: join(folder, 'parts'), train: 6, labelled: 3, val: 2 });
    const workspace = join(folder, 'work space');
    mkdirSync(workspace);
    const place = ['--workspace', workspace];
    const created = await run('cli.js', 'create', '--data', yaml, '--name', 'Parts', ...place);
    expect(created).toContain('8 images found');
    expect(existsSync(join(workspace, '.active-learning', 'sessions.db'))).toBe(true);
    const sessions = JSON.parse(await run('cli.js', 'list', '--json', ...place)) as { name: string }[];
    expect(sessions).toMatchObject([{ name: 'Parts' }]);
  });

  // Others have one decoder, which is native.
  test.skipIf(platform !== 'linux')(
    'decodes by the native decoder in Node, and by WebAssembly in Electron',
    async () => {
      const script = join(extension, 'dist', 'decoder.mjs');
      writeFileSync(
        script,
        [
          'const [, , electron, picture] = process.argv;',
          "const versions = { ...process.versions, ...(electron === 'electron' ? { electron: '39.0.0' } : {}) };",
          "Object.defineProperty(process, 'versions', { value: versions });",
          "const { default: sharp } = await import('sharp');",
          'const pixels = await sharp(picture).raw().toBuffer();',
          "console.log(sharp.versions.emscripten === undefined ? 'native' : 'wasm', pixels.length);",
        ].join('\n'),
      );
      const picture = join(folder, 'plain.jpg');
      await sharp({ create: { width: 20, height: 10, channels: 3, background: 'red' } }).toFile(picture);
      expect(await run('decoder.mjs', 'node', picture)).toBe('native 600\n');
      expect(await run('decoder.mjs', 'electron', picture)).toBe('wasm 600\n');
    },
  );

  test('turns an image into a preview', async () => {
    const source = join(folder, 'source.tiff');
    const target = join(folder, 'preview.jpg');
    await sharp({ create: { width: 80, height: 60, channels: 3, background: { r: 200, g: 30, b: 40 } } })
      .tiff()
      .toFile(source);
    await run('previewWorker.js', source, target);
    const { data, info } = await sharp(target).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 80, height: 60, channels: 3 });
    for (const [channel, value] of [200, 30, 40].entries())
      expect(Math.abs((data[channel] ?? 0) - value)).toBeLessThan(6);
  });

  test('decodes the very pixels that the checkout decodes', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const made = join(folder, 'noise.jpg');
    await sharp({ create: { width: 203, height: 151, channels: 3, background: 'black', noise } })
      .jpeg({ quality: 80, chromaSubsampling: '4:2:0' })
      .toFile(made);
    const real = existsSync(photographs) ? readdirSync(photographs).toSorted().slice(0, 5) : [];
    const images = [made, ...real.map((name) => join(photographs, name))];
    // From beside the bundles, where its natives are found as theirs are.
    const script = join(extension, 'dist', 'pixels.mjs');
    writeFileSync(
      script,
      [
        "import { createHash } from 'node:crypto';",
        "import sharp from 'sharp';",
        'for (const path of process.argv.slice(2)) {',
        '  const pixels = await sharp(path, { ignoreIcc: true }).raw().toBuffer();',
        "  console.log(createHash('sha256').update(pixels).digest('hex'));",
        '}',
      ].join('\n'),
    );
    const packed = (await run('pixels.mjs', ...images)).trim().split('\n');
    const own = await Promise.all(images.map((path) => sharp(path, { ignoreIcc: true }).raw().toBuffer()));
    expect(packed).toEqual(own.map((pixels) => createHash('sha256').update(pixels).digest('hex')));
  });

  async function predict(model: ModelFiles, paths: readonly string[], minConfidence: number) {
    const workerPath = join(extension, 'dist', 'inferenceWorker.js');
    const inference = createInference({ workerPath, env: { PATH: process.env['PATH'] } });
    try {
      const images = paths.flatMap((path) => repeated(path, 1));
      const results = await collect(inference.predict(model, images, { ...options, minConfidence }));
      return results.map((result) => {
        if (!result.ok) throw new Error(result.message);
        return result;
      });
    } finally {
      await inference.close();
    }
  }

  test('runs a model in its inference worker', async () => {
    const picture = join(folder, 'red.jpg');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg({ quality: 100 })
      .toFile(picture);
    const [result] = await predict(dynamicModel, [picture], options.minConfidence);
    expect(result?.bestScore).toBeGreaterThan(0.95);
    expect(result?.detections[0]?.classId).toBe(0);
  });

  // Skipped without the folder of test data that AL_TEST_DATA names.
  test.skipIf(!existsSync(realModel))('runs a real YOLO model on a photograph', async () => {
    const info: ModelFiles['info'] = {
      schema: 1,
      head: 'dense',
      names: Array.from({ length: 80 }, (_, id) => `class ${id}`),
      stride: 32,
      imageSize: 640,
      dynamic: false,
      input: { name: 'images' },
      outputs: [{ name: 'output0', role: 'detections' }],
    };
    const photograph = join(photographs, readdirSync(photographs).toSorted()[0] ?? '');
    const [result] = await predict({ onnxPath: realModel, info }, [photograph], 0.05);
    expect(result?.bestScore).toBeGreaterThan(0.3);
    expect(result?.detections.length).toBeGreaterThan(0);
  });
});
