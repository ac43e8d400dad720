// One process a case, so that its memory is its own. Arguments: strategy, images, shape, repeats, and a file for the
// vectors for another program. Prints one line of JSON.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { createSelector } from '../../extension/src/adapters/selection/createSelector.ts';
import { root } from '../../scripts/begin/paths.mjs';
import { makeRequest, makeVectors } from './pool.ts';

const [strategy = '', imagesText, shape = '', repeatsText, file] = process.argv.slice(2);
const images = Number(imagesText);
const vectors = makeVectors(images, shape);
if (file !== undefined) writeFileSync(file, vectors);
const made = makeRequest(strategy, images, vectors);
const { nearDuplicates: _left, ...alone } = made.context;
const request = strategy === 'diversity' ? { ...made, context: alone } : made;
const selector = createSelector({ threadPath: join(root, 'dist', 'selectionThread.js') });

// What making the data left behind is not the selection's.
await setTimeout(200);
const delay = monitorEventLoopDelay({ resolution: 5 });
const seconds = [];
let order: number[] = [];
for (let turn = 0; turn < Number(repeatsText); turn++) {
  delay.enable();
  const start = performance.now();
  const { chosen } = await selector.select(request);
  seconds.push((performance.now() - start) / 1000);
  order = chosen.map(({ imageId }) => imageId);
  delay.disable();
}
console.log(
  JSON.stringify({
    seconds: seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)],
    peakGb: (process.resourceUsage().maxRSS * 1024) / 1e9,
    // The timer itself ticks every 5 ms.
    blockedMs: Math.max(0, delay.max / 1e6 - 5),
    order,
  }),
);
