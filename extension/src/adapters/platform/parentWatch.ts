import { Worker } from 'node:worker_threads';

const everyMs = 1000;

/** The script of a separate thread; text, because a bundle is one file. Except on Windows, orphans get a new parent. */
const script = `
const { workerData: { parent, everyMs } } = require('node:worker_threads');
setInterval(() => {
  let gone = process.ppid !== parent;
  try { process.kill(parent, 0); } catch (error) { gone ||= error.code === 'ESRCH'; }
  if (gone) process.kill(process.pid, 'SIGKILL');
}, everyMs);
`;

/** Kills this process soon after `parent` has exited, even while native code blocks the main thread. */
export function watchParent(parent: number): void {
  const thread = new Worker(script, {
    eval: true,
    workerData: { parent, everyMs },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  thread.unref();
  // Without the thread, a closed channel still ends this process unless a model is running.
  thread.on('error', () => undefined);
}
