import { Worker } from 'node:worker_threads';

const everyMs = 1000;

/** Runs on a separate thread; text, since a bundle has one file. Orphans get another parent, but on Windows. */
const script = `
const { workerData: { parent, everyMs } } = require('node:worker_threads');
setInterval(() => {
  let gone = process.ppid !== parent;
  try { process.kill(parent, 0); } catch (error) { gone ||= error.code === 'ESRCH'; }
  if (gone) process.kill(process.pid, 'SIGKILL');
}, everyMs);
`;

/** Ends this process soon after `parent` did, also while native code holds the main thread. */
export function watchParent(parent: number): void {
  const thread = new Worker(script, {
    eval: true,
    workerData: { parent, everyMs },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  thread.unref();
  // Without the thread, the closed channel is still heard of while no model runs.
  thread.on('error', () => undefined);
}
