// Reads a dataset of many small images by the packaged product, and tells how much memory that takes of its host.
import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { hostTarget, refusal } from '../../scripts/lib/package/targets.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { fail } from '../../scripts/lib/shell.mjs';
import { makeImages } from './images.mjs';

/** VS Code's extension host is where all extensions live: so much may it have at most, in megabytes. */
const hostLimit = 300;

const options = {
  images: { type: 'string', default: '5000' },
  memory: { type: 'boolean', default: true },
  ways: { type: 'string' },
};

/** How the images are read; each in a host of its own. */
const ways = {
  product: 'the product',
  wasm: 'the product as in desktop VS Code on Linux, by WebAssembly',
  'in-process': 'the same in the host itself, by WebAssembly',
  plain: 'sharp alone, decoding the files in the host',
};

/**
 * @returns the figures of the product, and below the names of the other ways theirs. Megabytes have 1,000,000 bytes. Sets an
 * exit code where the host takes more than its limit. `--ways product,wasm` measures some of them.
 */
export async function bench(args) {
  const { values } = parseArgs({ args, options });
  const images = Number(values.images);
  if (!(images >= 1)) fail(`--images takes a number of images, not "${values.images}".`);
  const refused = refusal(hostTarget);
  if (refused) fail(refused);
  const work = await mkdtemp(join(tmpdir(), 'bench-dataset-'));
  try {
    const native = await stagePackage(join(work, 'package'));
    const linux = process.platform === 'linux';
    const wasm = linux ? withoutNative(native, join(work, 'wasm')) : null;
    const yaml = await makeImages(join(work, 'data'), images);
    console.log(`${images} JPEG images; memory of the host in MB, and of the process that reads:`);
    const measured = {};
    const wanted = values.ways?.split(',') ?? Object.keys(ways);
    for (const [way, name] of Object.entries(ways)) {
      if (!wanted.includes(way)) continue;
      const dist = way === 'wasm' || way === 'in-process' ? wasm : native;
      if (dist === null) continue;
      measured[way] = await measure(dist, way, yaml, join(work, way));
      console.log(readable(name, measured[way]));
    }
    const { product, ...others } = measured;
    const misses = [product, others.wasm]
      .filter((figures) => figures !== undefined && figures.hostPeakMB > hostLimit)
      .map(({ hostPeakMB }) => `the host takes ${hostPeakMB} MB, ${hostLimit} are allowed`);
    for (const miss of misses) console.log(`MISSED ${miss}`);
    if (misses.length > 0) process.exitCode = 1;
    return { bench: 'dataset', images, ...product, ...others, misses };
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What a package ships for this machine, with the measuring host bundled beside it as the extension is. */
async function stagePackage(stage) {
  // Late: they bring the bundler along.
  const { build } = await import('esbuild');
  const { nodeBuild } = await import('../../scripts/lib/build.mjs');
  const { fillStage } = await import('../../scripts/lib/package/stage.mjs');
  await mkdir(stage);
  await fillStage(stage, hostTarget);
  const dist = join(stage, 'dist');
  const entry = { in: join(root, 'bench', 'dataset', 'host.ts'), out: 'benchHost' };
  // In pieces, as the extension is: a decoder that a way does not use must not be loaded.
  const pieces = { splitting: true, chunkNames: 'benchHost-[hash]' };
  await build({ ...nodeBuild(), ...pieces, entryPoints: [entry], outdir: dist, sourcemap: false });
  return dist;
}

/** A copy whose image decoder is what Electron on Linux gets. */
function withoutNative(dist, target) {
  const native = /[\\/]@img[\\/]sharp-(?:libvips-)?linux-/;
  cpSync(dist, target, { recursive: true, filter: (source) => !native.test(source) });
  return target;
}

async function measure(dist, way, yaml, folder) {
  await mkdir(folder, { recursive: true });
  const { stdout } = await promisify(execFile)(process.execPath, [join(dist, 'benchHost.js'), way, yaml, folder], {
    cwd: folder,
    maxBuffer: 1e8,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

function readable(name, { hostStartMB, hostPeakMB, hostAfterMB, readerPeakMB, seconds, longestBlockMs }) {
  const reader = readerPeakMB === 0 ? '' : `, the process ${readerPeakMB}`;
  const block = `event loop blocked for ${longestBlockMs} ms at most`;
  return `${name}: ${hostStartMB} before, ${hostPeakMB} at most, ${hostAfterMB} after${reader}; ${seconds} s; ${block}`;
}
