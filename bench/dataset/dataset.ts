// Reads a dataset of many small images with the packaged product, and reports how much memory that takes of its host.
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hostTarget, refusal } from '../../scripts/lib/package/targets.ts';
import { fail } from '../../scripts/begin/shell.mjs';
import type { HostFigures } from '../memory/hostMeter.ts';
import { missedHostLimits, readableHost, runHost, stagePackage } from '../memory/packagedHost.ts';
import { makeImages } from './images.ts';

const options = {
  images: { type: 'string', default: '5000' },
  memory: { type: 'boolean', default: true },
  ways: { type: 'string' },
} as const;

/** How the images are read; each in a separate host. */
const ways: Readonly<Record<string, string>> = {
  product: 'the product',
  wasm: 'the product as in desktop VS Code on Linux, by WebAssembly',
  'in-process': 'the same in the host itself, by WebAssembly',
  plain: 'sharp alone, decoding the files in the host',
};

/**
 * @returns the figures of the product, and below the names of the other ways theirs. Sets an exit code if the host takes more
 * than its limit. `--ways product,wasm` measures some of them.
 */
export async function bench(args: string[]): Promise<object> {
  const { values } = parseArgs({ args, options });
  const images = Number(values.images);
  if (!(images >= 1)) fail(`--images takes a number of images, not "${values.images}".`);
  const refused = refusal(hostTarget);
  if (refused) fail(refused);
  const work = await mkdtemp(join(tmpdir(), 'bench-dataset-'));
  try {
    const native = await stagePackage(join(work, 'package'), { benchDataset: 'bench/dataset/host.ts' });
    const linux = process.platform === 'linux';
    const wasm = linux ? withoutNative(native, join(work, 'wasm')) : null;
    const yaml = await makeImages(join(work, 'data'), images);
    console.log(`Reading ${images} JPEG images`);
    const measured: Record<string, HostFigures> = {};
    const wanted = values.ways?.split(',') ?? Object.keys(ways);
    for (const [way, name] of Object.entries(ways)) {
      if (!wanted.includes(way)) continue;
      const dist = way === 'wasm' || way === 'in-process' ? wasm : native;
      if (dist === null) continue;
      const figures = await runHost(dist, 'benchDataset', [way, yaml, join(work, way)], join(work, way));
      measured[way] = figures;
      console.log(readableHost(name, figures));
    }
    const { product, ...others } = measured;
    const limited = { ...(product && { product }), ...(others['wasm'] && { wasm: others['wasm'] }) };
    return { bench: 'dataset', images, ...product, ...others, misses: missedHostLimits(limited) };
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A copy whose image decoder is what Electron on Linux gets. */
function withoutNative(dist: string, target: string): string {
  const native = /[\\/]@img[\\/]sharp-(?:libvips-)?linux-/;
  cpSync(dist, target, { recursive: true, filter: (source) => !native.test(source) });
  return target;
}
