import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** As many single-threaded sessions side by side as there are threads; the network and the decoding of its output alone. */
export async function startFloor({ model, imageSize, threads, paths }) {
  const children = Array.from({ length: threads }, () => fork(join(import.meta.dirname, 'floorWorker.mjs')));
  const tell = (message) =>
    Promise.all(
      children.map(async (child, index) => {
        const answered = once(child, 'message');
        child.send(message(index));
        await answered;
      }),
    );
  await tell((index) => ({
    kind: 'open',
    model,
    imageSize,
    paths: paths.filter((_, image) => image % threads === index),
  }));
  return {
    /** @returns the seconds that all of the images took. */
    async run() {
      const start = performance.now();
      await tell(() => ({ kind: 'run' }));
      return (performance.now() - start) / 1000;
    },
    close() {
      for (const child of children) child.kill();
    },
  };
}
