import { fork, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';
import { workerEnvironment } from '../../extension/src/adapters/platform/workerEnvironment.ts';

/** What a process of the floor is asked for; it answers each message with `done`. */
export type FloorMessage =
  | { readonly kind: 'open'; readonly model: ModelFiles; readonly imageSize: number; readonly paths: readonly string[] }
  | { readonly kind: 'run'; readonly decoded: boolean };

interface FloorOptions {
  readonly model: ModelFiles;
  readonly imageSize: number;
  readonly threads: number;
  readonly paths: readonly string[];
}

interface Floor {
  /**
   * The network and the decoding of its output; with `decoded`, the decoding of the image files too.
   * @returns the seconds that all of the images took.
   */
  run(options: { readonly decoded: boolean }): Promise<number>;
  close(): void;
}

/**
 * As many single-threaded sessions side by side as the product has workers, in processes like theirs, each with its part
 * of the images.
 */
export async function startFloor({ model, imageSize, threads, paths }: FloorOptions): Promise<Floor> {
  const options: ForkOptions = { execArgv: [], env: workerEnvironment(process.env), serialization: 'advanced' };
  const children = Array.from({ length: threads }, () =>
    fork(join(import.meta.dirname, 'floorWorker.ts'), [], options),
  );
  const ask = (message: (index: number) => FloorMessage): Promise<unknown> =>
    Promise.all(
      children.map(async (child, index) => {
        const answered = once(child, 'message');
        child.send(message(index));
        await answered;
      }),
    );
  await ask((index) => ({
    kind: 'open',
    model,
    imageSize,
    paths: paths.filter((_, image) => image % threads === index),
  }));
  return {
    async run({ decoded }) {
      const start = performance.now();
      await ask(() => ({ kind: 'run', decoded }));
      return (performance.now() - start) / 1000;
    },
    close() {
      for (const child of children) child.kill();
    },
  };
}
