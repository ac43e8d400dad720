// A process that is going to be killed. A reviewer gives verdicts and takes them back, and notes each in a log before and after,
// so that the killer knows what was acknowledged and what was in progress. The others do one thing and end.
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../extension/src/adapters/store/openStore.ts';
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import type { ProductPaths } from '../../extension/src/composition/productPaths.ts';
import { toErrorReport } from '../../extension/src/core/errors.ts';
import { createRandom } from '../../extension/src/core/random.ts';
import { ImageLocator } from '../../extension/src/workflow/dataset/images.ts';
import { finishReview } from '../../extension/src/workflow/review/finishReview.ts';
import { undoVerdict } from '../../extension/src/workflow/review/reversals.ts';
import { submitVerdict } from '../../extension/src/workflow/review/verdicts.ts';
import type { Decision } from '../../extension/src/workflow/review/verdictOutcome.ts';

/** The task of a victim, as JSON in its only argument. */
export interface VictimOrder {
  readonly job: 'review' | 'finish' | 'open';
  readonly folder: string;
  readonly seed: number;
  /** Lines of `VictimLine` are appended. */
  readonly log: string;
  /** Verdicts to give before it ends by itself. */
  readonly count: number;
  readonly paths: ProductPaths;
  /** Fills the disk with a file, but for some blocks, while the first verdicts are given. */
  readonly full?: { readonly file: string; readonly freeBlocks: number; readonly verdicts: number };
}

/** `begun` before anything is written; `acknowledged` when the call has returned; `refused` when it has thrown. */
export type VictimLine =
  | { readonly kind: 'begun'; readonly sampleId: number; readonly verdict: string | null }
  | {
      readonly kind: 'acknowledged';
      readonly sampleId: number;
      readonly verdict: string | null;
      /** SHA-256 of the label file, or null where there is none. */
      readonly label: string | null;
    }
  | { readonly kind: 'refused'; readonly sampleId: number; readonly code: string };

const { job, folder, seed, log, count, paths, full } = JSON.parse(process.argv[2] ?? '{}') as VictimOrder;
if (job === 'open') {
  // The database alone: it is migrated before anything else happens.
  await (await openStore({ databasePath: join(folder, 'sessions.db'), threadPath: paths.storeThread })).close();
  process.exit(0);
}
const random = createRandom(seed);
const { ports, close } = await openWorkspace({ folder, paths });
// Who kills counts from here on.
console.log('ready');
const note = (line: VictimLine): void => appendFileSync(log, `${JSON.stringify(line)}\n`);

const decisions: readonly Decision[] = [
  { verdict: 'accepted', confirmBackground: true },
  { verdict: 'corrected', boxes: [{ classId: 1, cx: 0.5, cy: 0.5, width: 0.25, height: 0.125 }] },
  { verdict: 'corrected', boxes: [] },
  { verdict: 'rejected-background' },
  { verdict: 'rejected-unusable' },
  { verdict: 'rejected-later' },
  { verdict: 'skipped' },
];

const [session] = await ports.store.sessions.list();
const iteration = (await ports.store.iterations.list(session?.id ?? 0)).at(-1);
if (session === undefined || iteration === undefined) throw new Error('There is nothing to review.');
if (job === 'finish') {
  await finishReview(ports, iteration.id);
  console.log('finished');
  process.exit(0);
}
const locator = await ImageLocator.of(ports, session.datasetId);

async function labelOf(sampleId: number): Promise<string | null> {
  const sample = await ports.store.samples.get(sampleId);
  const image = sample === null ? null : await ports.store.images.get(sample.imageId);
  if (image === null) return null;
  const path = ports.labels.locate(locator.locate(image));
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
}

function fillDisk(path: string, freeBlocks: number): void {
  const blockBytes = 4096;
  const file = openSync(path, 'w');
  try {
    for (let { bfree } = statfsSync(path); bfree > freeBlocks; { bfree } = statfsSync(path)) {
      writeSync(file, Buffer.alloc(blockBytes * Math.min(256, bfree - freeBlocks)));
    }
  } catch {
    // Full, a little earlier than reported.
  } finally {
    closeSync(file);
  }
}

for (let given = 0; given < count; given++) {
  if (full !== undefined && given === 0) fillDisk(full.file, full.freeBlocks);
  if (full !== undefined && given === full.verdicts) rmSync(full.file);
  const samples = await ports.store.samples.list(iteration.id);
  const last = random() < 0.3 ? await ports.store.labelEvents.lastUndoable(iteration.id) : null;
  const sampleId = last?.sampleId ?? samples[Math.floor(random() * samples.length)]?.id ?? 0;
  const decision = decisions[Math.floor(random() * decisions.length)] ?? { verdict: 'skipped' };
  note({ kind: 'begun', sampleId, verdict: last === null ? decision.verdict : last.verdictBefore });
  try {
    const done =
      last === null
        ? await submitVerdict(ports, sampleId, decision, { overwriteOutsideEdit: true })
        : await undoVerdict(ports, iteration.id, { overwriteOutsideEdit: true });
    note({ kind: 'acknowledged', sampleId: done.id, verdict: done.verdict, label: await labelOf(done.id) });
  } catch (error) {
    note({ kind: 'refused', sampleId, code: toErrorReport(error).code });
  }
}
await close();
