import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';

interface PeerOptions {
  readonly python: string;
  readonly model: ModelFiles;
  readonly imageSize: number;
  readonly threads: number;
}

export interface Peer {
  readonly hasPytorch: boolean;
  /** @returns the seconds that it took over the images. */
  run(which: 'onnx' | 'pytorch', paths: readonly string[]): Promise<number>;
  close(): void;
}

/** Starts Ultralytics in a separate process that loads its models once. */
export async function startPeer({ python, model, imageSize, threads }: PeerOptions): Promise<Peer> {
  const args = [
    join(import.meta.dirname, 'peer.py'),
    model.onnxPath,
    model.weightsPath ?? '-',
    `${imageSize}`,
    `${threads}`,
  ];
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<{ seconds: number }> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('Ultralytics ended; its message is above.');
      if (value.startsWith('{')) return JSON.parse(value) as { seconds: number };
    }
  };
  await answer();
  return {
    hasPytorch: model.weightsPath !== undefined,
    async run(which, paths) {
      child.stdin.write(`${JSON.stringify({ which, paths })}\n`);
      const { seconds } = await answer();
      return seconds;
    },
    close: () => void child.kill(),
  };
}
