// A stand-in for the extension host, bundled into a package for this machine as the extension is.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostTarget } from '../../scripts/lib/package/targets.ts';
import { root } from '../../scripts/begin/paths.mjs';
import type { HostFigures } from './hostMeter.ts';

/** All extensions live in VS Code's extension host. This is the most memory that it may take, in megabytes. */
const hostLimitMB = 300;

/**
 * Fills a folder with what a package for this machine ships, and adds stand-ins for the extension host.
 * @param hosts source files by the name of their bundle.
 * @returns the folder `dist` of the package.
 */
export async function stagePackage(stage: string, hosts: Readonly<Record<string, string>>): Promise<string> {
  // Imported late because these load the bundler.
  const { build } = await import('esbuild');
  const { nodeBuild } = await import('../../scripts/lib/build.ts');
  const { fillStage } = await import('../../scripts/lib/package/stage.ts');
  await mkdir(stage);
  await fillStage(stage, hostTarget);
  const dist = join(stage, 'dist');
  const entryPoints = Object.entries(hosts).map(([out, source]) => ({ in: join(root, source), out }));
  // Split into chunks, as the extension is: a host must not load a decoder that it does not use.
  const chunks = { splitting: true, chunkNames: 'benchHost-[hash]' };
  await build({ ...nodeBuild(), ...chunks, entryPoints, outdir: dist, sourcemap: false });
  return dist;
}

/** Runs a stand-in in a separate process. @returns the figures that it prints as its last line. */
export async function runHost(
  dist: string,
  name: string,
  args: readonly string[],
  folder: string,
): Promise<HostFigures> {
  await mkdir(folder, { recursive: true });
  const command = [join(dist, `${name}.js`), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: folder, maxBuffer: 1e8 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as HostFigures;
}

/** The ways whose host takes more than the limit, each as a sentence. Sets an exit code if there are any. */
export function missedHostLimits(figures: Readonly<Record<string, HostFigures>>): string[] {
  const misses = Object.entries(figures)
    .filter(([, { hostPeakMB }]) => hostPeakMB > hostLimitMB)
    .map(([name, { hostPeakMB }]) => `${name}: the host takes ${hostPeakMB} MB, at most ${hostLimitMB} are allowed`);
  for (const miss of misses) console.log(`MISSED ${miss}`);
  if (misses.length > 0) process.exitCode = 1;
  return misses;
}

/** One line for a person. */
export function readableHost(name: string, figures: HostFigures): string {
  const { hostStartMB, hostPeakMB, hostAfterMB, childrenPeakMB, seconds, longestBlockMs } = figures;
  const host = `host ${hostStartMB} MB at the start, ${hostPeakMB} MB at most, ${hostAfterMB} MB after`;
  const within = hostPeakMB > hostLimitMB ? 'above' : 'below';
  const others = `its processes ${childrenPeakMB} MB at most`;
  return `${name}: ${host} (${within} ${hostLimitMB}); ${others}; ${seconds} s; event loop blocked for ${longestBlockMs} ms at most`;
}
