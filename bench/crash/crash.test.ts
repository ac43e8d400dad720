import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crash } from './crash.ts';
import { root } from './root.ts';

const isBuilt = existsSync(join(root, 'dist', 'cli.js'));
if (!isBuilt) console.log('The crash test is skipped: run "npm run build" first.');

// Training is left to the benchmark: kill.test.ts kills one.
const only = ['verdicts', 'reviewers', 'finishing', 'migration', 'disk'];

test.skipIf(!isBuilt)('nothing that was acknowledged is lost in 25 kills', { timeout: 900_000 }, async () => {
  const { kills, acknowledged, lost, torn, integrityBad, skipped, faults } = await crash({
    rounds: 40,
    seed: 20,
    only,
  });
  for (const [name, reason] of Object.entries(skipped)) console.log(`${name} is left out: ${reason}`);
  expect(faults).toEqual([]);
  expect({ lost, torn, integrityBad }).toEqual({ lost: 0, torn: 0, integrityBad: 0 });
  // Without strace fewer rounds end in a kill.
  expect(kills).toBeGreaterThanOrEqual(Object.keys(skipped).length === 0 ? 25 : 15);
  expect(acknowledged).toBeGreaterThan(50);
});
