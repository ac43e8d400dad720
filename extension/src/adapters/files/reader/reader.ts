import sharp from 'sharp';
import type { DatasetSource } from '../../../core/dataset/types.ts';
import { toErrorReport } from '../../../core/errors.ts';
import { watchParent } from '../../platform/parentWatch.ts';
import { createDatasetFiles } from '../listing/datasetFiles.ts';
import { toColumns } from '../listing/imageColumns.ts';
import type { FromReader, ToReader } from './readerWire.ts';

/*
 * The entry point of the process that reads datasets: it walks folders, and hashes and decodes images. Its exit frees its
 * memory, and a crash of the decoder does not affect other processes. It needs no orderly exit.
 */

const partSize = 5000;
/** Images to decode at a time, each on one thread. Few, because large photos need much memory. */
const atOnce = 4;

const files = createDatasetFiles();
// Written PNGs are copies of a private dataset.
process.umask(0o077);
const queue: { readonly id: number; readonly path: string; readonly pngTo?: string }[] = [];
let working = 0;

function send(message: FromReader): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

async function list(id: number, source: DatasetSource): Promise<void> {
  try {
    const { images, ...listing } = await files.list(source);
    for (let start = 0; start < images.length; start += partSize) {
      send({ kind: 'images', id, columns: toColumns(images.slice(start, start + partSize)) });
    }
    send({ kind: 'listed', id, listing });
  } catch (error) {
    send({ kind: 'refused', id, error: toErrorReport(error) });
  }
}

function work(): void {
  while (working < atOnce) {
    const job = queue.shift();
    if (job === undefined) return;
    working += 1;
    void (job.pngTo === undefined ? probe(job.id, job.path) : write(job.id, job.path, job.pngTo));
  }
}

async function probe(id: number, path: string): Promise<void> {
  const found = await files.probe(path);
  working -= 1;
  send({ kind: 'probed', id, probe: found, rss: process.memoryUsage.rss() });
  work();
}

async function write(id: number, path: string, target: string): Promise<void> {
  const error = await files.writePng(path, target).then(() => null, toErrorReport);
  working -= 1;
  send({ kind: 'written', id, error, rss: process.memoryUsage.rss() });
  work();
}

sharp.concurrency(1);
// Cached data of one image is useless for the next.
sharp.cache(false);
process.on('message', (asks) => {
  for (const ask of asks as ToReader) {
    if ('path' in ask) queue.push(ask);
    else void list(ask.id, ask.source);
  }
  work();
});
// Ctrl-C in a terminal reaches the whole process group; the parent decides when this process exits.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
watchParent(process.ppid);
send({ kind: 'ready' });
