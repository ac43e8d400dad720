import { join } from 'node:path';
import { productPaths } from '../../extension/src/composition/productPaths.ts';
import { hostTarget, refusal } from '../../scripts/lib/package/targets.ts';
import { fail } from '../../scripts/begin/shell.mjs';
import type { HostFigures } from '../memory/hostMeter.ts';
import { missedHostLimits, readableHost, runHost, stagePackage } from '../memory/packagedHost.ts';
import { makePoolWorkspace } from './poolWorkspace.ts';

type SizeFigures = HostFigures & { readonly images: number };

interface MemoryFigures {
  readonly bench: 'score';
  readonly memory: readonly SizeFigures[];
  readonly misses: readonly string[];
}

/**
 * Scores pools of several sizes with the packaged product, each in a separate host, then selects a batch and looks for
 * duplicates. All of it is real but the network, which has almost no weights: what grows with the pool is the product's.
 * @returns the figures of each size. Sets an exit code if a host takes more than its limit.
 */
export async function measureMemory(work: string, sizes: readonly number[]): Promise<MemoryFigures> {
  const refused = refusal(hostTarget);
  if (refused) fail(refused, 'Leave --memory out.');
  const bad = sizes.find((size) => !(size >= 1000));
  if (bad !== undefined) fail(`--sizes takes numbers of images, at least 1000 each, not "${bad}".`);
  const dist = await stagePackage(join(work, 'package'), { benchScore: 'bench/score/host.ts' });
  const memory: SizeFigures[] = [];
  for (const images of sizes) {
    const folder = join(work, `pool-${images}`);
    await makePoolWorkspace(folder, images, productPaths());
    const figures = await runHost(dist, 'benchScore', [folder, String(images)], folder);
    memory.push({ images, ...figures });
    console.log(readableHost(`${images} images`, figures));
  }
  const bySize = Object.fromEntries(memory.map((figures) => [`${figures.images} images`, figures]));
  return { bench: 'score', memory, misses: missedHostLimits(bySize) };
}
