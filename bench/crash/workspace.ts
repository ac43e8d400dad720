import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { ProductPaths } from '../../extension/src/composition/productPaths.ts';
import { makeReviewWorkspace } from '../../extension/test/support/reviewWorkspace.ts';
import { nodeBuild } from '../../scripts/lib/build.ts';
import { root } from './root.ts';

const dist = join(root, 'dist');

/** The product's own threads and processes, as they are built. */
export const builtPaths: ProductPaths = {
  storeThread: join(dist, 'storeThread.js'),
  datasetReader: join(dist, 'datasetReader.js'),
  previewWorker: join(dist, 'previewWorker.js'),
  thumbnailWorker: join(dist, 'thumbnailWorker.js'),
  inferenceWorker: join(dist, 'inferenceWorker.js'),
  scorePluginThread: join(dist, 'scorePluginThread.js'),
  selectionThread: join(dist, 'selectionThread.js'),
  background: join(dist, 'background.js'),
  trainer: join(root, 'trainer'),
  plugin: join(root, 'extension', 'plugin'),
};

/** The command line, as it is built. */
export const cli = join(dist, 'cli.js');

/** Bundles the victim, so that it starts in a fraction of a second. @returns its file, below the project's natives. */
export async function bundleVictim(): Promise<string> {
  const folder = join(root, '.cache', 'crash');
  mkdirSync(folder, { recursive: true });
  const entryPoints = [{ in: 'bench/crash/victim.ts', out: 'victim' }];
  await build({ ...nodeBuild(), entryPoints, outdir: folder, sourcemap: false });
  return join(folder, 'victim.js');
}

/** Label files as people leave them: comments, polygons, rows that are wrong, bytes that are no UTF-8. */
const byHand: readonly Uint8Array[] = [
  Buffer.from('# by hand\n0 0.5 0.5 0.1 0.1\n1 0.1 0.1 0.2 0.2 0.3 0.1\nthis is not a row\n'),
  Buffer.from([
    0x23, 0x20, 0xe9, 0xff, 0x0a, 0x30, 0x20, 0x2e, 0x35, 0x20, 0x2e, 0x35, 0x20, 0x2e, 0x31, 0x20, 0x2e, 0x31,
  ]),
  Buffer.from('0 0.25 0.25 0.5 0.5\r\n1 0.75 0.75 0.25 0.25\r\n'),
];

/** A workspace whose session is under review, some of its samples with label files that somebody else wrote meanwhile. */
export async function makeCrashWorkspace(folder: string, samples = 20): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await makeReviewWorkspace(folder, { samples });
  const labels = join(folder, 'labels', 'train');
  for (let index = 0; index < samples; index += 3) {
    const bytes = byHand[(index / 3) % byHand.length];
    if (bytes !== undefined) writeFileSync(join(labels, `pool-${index}.txt`), bytes);
  }
}

/** Every label file, by name. */
export function labelFiles(folder: string): ReadonlyMap<string, Uint8Array> {
  const labels = join(folder, 'labels', 'train');
  return new Map(readdirSync(labels).map((name) => [name, readFileSync(join(labels, name))]));
}

/** What verdicts write: the label files, their folder, and the database with its log. */
export function touchedPaths(folder: string): string[] {
  const labels = join(folder, 'labels', 'train');
  const database = join(folder, '.active-learning', 'sessions.db');
  const files = readdirSync(join(folder, 'images', 'train')).map((name) => join(labels, name.replace('.png', '.txt')));
  return [labels, ...files, database, `${database}-wal`];
}
