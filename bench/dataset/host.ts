// Stands in for the extension host: reads a dataset as its commands do, and prints what that took.
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import { rescanDataset } from '../../extension/src/workflow/dataset/datasets.ts';
import type { Ports } from '../../extension/src/workflow/ports/ports.ts';
import { mapLimit } from '../../extension/src/core/concurrency.ts';
import { createSession } from '../../extension/src/workflow/session/sessions.ts';
import { validateDataset } from '../../extension/src/workflow/dataset/validateDataset.ts';

/** Longer than the process that reads waits for more. */
const restMs = 7000;

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
const [way = '', yaml = '', folder = ''] = process.argv.slice(2);

/** Resident bytes of the processes that this one started; 0 where the system does not tell. */
function childrenRss(): number {
  if (process.platform !== 'linux') return 0;
  let sum = 0;
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== process.pid) continue;
      sum += 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    } catch {
      // It ended meanwhile.
    }
  }
  return sum;
}

/** Creates a session, looks again, and validates. */
async function readDataset(ports: Ports): Promise<void> {
  const source = { kind: 'yaml', path: yaml, poolFolders: [] } as const;
  const { scan } = await createSession(ports, source, { name: 'Measured' });
  await rescanDataset(ports, scan.dataset.id);
  await validateDataset(ports, source);
}

/** Decodes the files of the dataset and nothing else. */
async function decodePlainly(): Promise<void> {
  const { default: sharp } = await import('sharp');
  const images = join(dirname(yaml), 'images');
  for (const part of await readdir(images)) {
    await mapLimit(await readdir(join(images, part)), 4, async (name) => {
      await sharp(await readFile(join(images, part, name)))
        .raw()
        .toBuffer();
    });
  }
}

const before = process.memoryUsage.rss();
let reader = 0;
const watch = setInterval(() => (reader = Math.max(reader, childrenRss())), 200);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const start = performance.now();
if (way === 'plain') {
  await decodePlainly();
} else {
  const { ports, close } = await openWorkspace({ folder });
  if (way === 'in-process') {
    const { createDatasetFiles } = await import('../../extension/src/adapters/files/listing/datasetFiles.ts');
    await readDataset({ ...ports, datasetFiles: createDatasetFiles() });
  } else {
    await readDataset(ports);
  }
  await close();
}
const seconds = (performance.now() - start) / 1000;
delay.disable();
clearInterval(watch);
await sleep(restMs);
console.log(
  JSON.stringify({
    hostStartMB: megabytes(before),
    hostPeakMB: megabytes(1024 * process.resourceUsage().maxRSS),
    hostAfterMB: megabytes(process.memoryUsage.rss()),
    readerPeakMB: megabytes(reader),
    readerAfterMB: megabytes(childrenRss()),
    seconds: Math.round(seconds * 10) / 10,
    longestBlockMs: Math.round(delay.max / 1e5) / 10,
  }),
);
process.exit();
