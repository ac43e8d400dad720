import { join } from 'node:path';
import { collect, dynamicModel, options, repeated } from './predictions.ts';
import { createInference } from '../onnx/createInference.ts';

/*
 * A process that owns workers, for tests of how it exits: `node owner.ts idle|busy|stuck <image>`. It prints the ids of
 * its workers as JSON. `idle` then has nothing left to do; `busy` predicts until it is killed; `stuck` predicts an
 * image for which the model never returns.
 */

const [, , mode, image = ''] = process.argv;
const inference = createInference({ workerPath: join(import.meta.dirname, '..', 'onnx', 'worker.ts') });
const few = { ...options, workers: 2 };

if (mode === 'idle') {
  await collect(inference.predict(dynamicModel, repeated(image, 8), few));
  console.log(JSON.stringify(inference.workerPids()));
} else if (mode === 'stuck') {
  const results = inference.predict(dynamicModel, repeated(image, 2), few)[Symbol.asyncIterator]();
  void results.next();
  // Loading the model runs it on an empty image first. After this time the workers are certainly stuck.
  setTimeout(() => console.log(JSON.stringify(inference.workerPids())), 6000);
} else {
  let printed = false;
  for await (const { ok } of inference.predict(dynamicModel, repeated(image, 100_000), few)) {
    if (ok && !printed) console.log(JSON.stringify(inference.workerPids()));
    printed = true;
  }
}
