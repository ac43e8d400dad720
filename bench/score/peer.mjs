import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts Ultralytics in a process of its own, its models loaded once. */
export async function startPeer({ python, model, imageSize, threads }) {
  const args = [
    join(import.meta.dirname, 'peer.py'),
    model.onnxPath,
    model.weightsPath ?? '-',
    `${imageSize}`,
    `${threads}`,
  ];
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('Ultralytics ended; its message is above.');
      if (value.startsWith('{')) return JSON.parse(value);
    }
  };
  await answer();
  return {
    hasPytorch: model.weightsPath !== undefined,
    /** @returns the seconds that `which` (`onnx`, `pytorch`) took over the images. */
    async run(which, paths) {
      child.stdin.write(`${JSON.stringify({ which, paths })}\n`);
      const { seconds } = await answer();
      return seconds;
    },
    close: () => child.kill(),
  };
}
