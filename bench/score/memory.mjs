import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { join } from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';
import { openOurs } from './ours.mjs';

const fixtures = join(root, 'extension', 'src', 'adapters', 'inference', 'testing');
/** A network of no weight: what grows with the pool is then ours. */
const model = {
  onnxPath: join(fixtures, 'tinyDynamic.onnx'),
  info: {
    schema: 1,
    head: 'dense',
    names: ['red', 'green', 'blue'],
    stride: 8,
    imageSize: 64,
    dynamic: true,
    input: { name: 'images' },
    outputs: [{ name: 'output0', role: 'detections' }],
  },
};

/**
 * Scores pools of several sizes, a few images over and over, each in this one process, small ones first.
 * @returns peak resident megabytes of this process and of its workers together, and the longest block of the event loop.
 */
export async function measureMemory({ folder, paths, sizes, productPaths, writeModel, report }) {
  const figures = [];
  for (const size of sizes) {
    const space = join(folder, `memory-${size}`);
    await mkdir(space, { recursive: true });
    const repeated = Array.from({ length: size }, (_, index) => paths[index % paths.length]);
    const files = await writeModel(space, model);
    const ours = await openOurs({ folder: space, paths: repeated, model: files, imageSize: 64, productPaths });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const peak = { own: 0, workers: 0 };
    const watch = setInterval(() => {
      peak.own = Math.max(peak.own, process.memoryUsage().rss);
      peak.workers = Math.max(peak.workers, childrenRss());
    }, 100);
    try {
      delay.enable();
      const { seconds } = await ours.run();
      delay.disable();
      const figure = {
        images: size,
        seconds: Math.round(seconds * 10) / 10,
        peakMb: Math.round(peak.own / 1e6),
        workersPeakMb: Math.round(peak.workers / 1e6),
        longestBlockMs: Math.round(delay.max / 1e5) / 10,
      };
      figures.push(figure);
      report(figure);
    } finally {
      clearInterval(watch);
      await ours.close();
    }
  }
  return figures;
}

/** Resident bytes of the processes that this one started; 0 where the system does not tell. */
function childrenRss() {
  let sum = 0;
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const status = readStatus(name);
      if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== process.pid) continue;
      sum += 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    }
  } catch {
    return 0;
  }
  return sum;
}

function readStatus(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
