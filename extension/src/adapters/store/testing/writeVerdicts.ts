import { writeSync } from 'node:fs';
import { encodeLabelText } from '../../../core/dataset/labelText.ts';
import { openStore } from '../openStore.ts';
import { at, createProject, lease, newEvent, threadPath, Workbench } from './fixtures.ts';

/**
 * A process that writes verdicts until it is killed: `node writeVerdicts.ts <database>`. After each call it prints
 * `begun <event>` or `done <event> <sample>`, so that the test knows the expected contents of the store.
 */
const [, , databasePath] = process.argv;
if (databasePath === undefined) throw new Error('usage: writeVerdicts.ts <database>');
const bench = new Workbench();
const { imageIds, sampleIds } = createProject(bench.open(databasePath), 200, 200);
bench.clean();
const store = await openStore({ databasePath, threadPath });

async function decide(index: number, round: number): Promise<void> {
  const sampleId = at(sampleIds, index);
  const text = encodeLabelText('0 0.5 0.5 0.25 0.25\n'.repeat(50));
  const event = await store.labelEvents.begin(
    newEvent(at(imageIds, index), {
      sampleId,
      after: text,
      verdictBefore: round === 0 ? null : 'accepted',
      owner: lease('writer', process.pid),
    }),
  );
  writeSync(1, `begun ${event.id}\n`);
  await store.labelEvents.complete(event.id, { labelHash: `hash ${event.id}`, reviewSeconds: 1 });
  writeSync(1, `done ${event.id} ${sampleId}\n`);
}

for (let round = 0; ; round++) {
  for (let index = 0; index < imageIds.length; index += 4) {
    // Write several at a time, so that the kill interrupts a queue.
    await Promise.all([0, 1, 2, 3].map((offset) => decide(index + offset, round)));
  }
}
