// Stands in for the extension host: scores a pool, selects a batch and finds duplicates as its commands do.
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import { runInBackground } from '../../extension/src/workflow/iteration/runInBackground.ts';
import { HostMeter } from '../memory/hostMeter.ts';

const [folder = '', imagesText = ''] = process.argv.slice(2);
const meter = new HostMeter();
const { ports, close } = await openWorkspace({ folder, background: true });
const [session] = await ports.store.sessions.list();
if (session === undefined) throw new Error(`There is no session in ${folder}.`);
const iteration = await ports.store.iterations.byNumber(session.id, 1);
const version = (await ports.store.models.list(session.id)).at(-1);
if (iteration === null || version === undefined) throw new Error('There is no iteration to score for.');

const report = await meter.step('score', () => runInBackground(ports, 'scoreVersion', [session, version]));
const batch = await meter.step('select', () => runInBackground(ports, 'selectBatch', [session, iteration, version]));
const duplicates = await meter.step('duplicates', () => runInBackground(ports, 'findDuplicates', [session.id]));
await close();

const complete =
  report.failed === 0 &&
  report.scored > 0.9 * Number(imagesText) &&
  batch.size === session.maxSamplesPerIteration &&
  duplicates.withEmbeddings &&
  duplicates.images === Number(imagesText);
if (!complete)
  throw new Error(`The work is not complete: ${JSON.stringify({ report, batch, images: duplicates.images })}`);
await meter.end();
