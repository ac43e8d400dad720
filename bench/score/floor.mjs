import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { workerEnvironment } from '../../extension/src/adapters/platform/workerEnvironment.ts';

/**
 * As many single-threaded sessions side by side as the product has workers, in processes like theirs, each with its part
 * of the images.
 */
export async function startFloor({ model, imageSize, threads, paths }) {
  const options = { execArgv: [], env: workerEnvironment(process.env), serialization: 'advanced' };
  const children = Array.from({ length: threads }, () =>
    fork(join(import.meta.dirname, 'floorWorker.mjs'), [], options),
  );
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
    /**
     * The network and the decoding of its output; with `decoded`, the decoding of the image files too.
     * @returns the seconds that all of the images took.
     */
    async run({ decoded }) {
      const start = performance.now();
      await tell(() => ({ kind: 'run', decoded }));
      return (performance.now() - start) / 1000;
    },
    close() {
      for (const child of children) child.kill();
    },
  };
}
