// Writes verdicts without end, each acknowledged on standard output, until it is killed.
import { openWorkspace } from '../../src/composition/workspace.ts';
import { createRandom } from '../../src/core/random.ts';
import { undoVerdict } from '../../src/workflow/review/reversals.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import type { Decision } from '../../src/workflow/review/verdictOutcome.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';

const [folder = '', yaml = '', seed = '0'] = process.argv.slice(2);
const { ports } = await openWorkspace({ folder });
const random = createRandom(Number(seed));

/** A session whose first iteration waits for review, made once. */
async function iterationUnderReview(): Promise<number> {
  const [known] = await ports.store.sessions.list();
  if (known) return (await ports.store.iterations.list(known.id))[0]?.id ?? 0;
  const { session } = await createSession(ports, { kind: 'yaml', path: yaml, poolFolders: [] }, { name: 'Reviewed' });
  const iteration = await ports.store.iterations.create(session.id, 1, 'reviewing');
  const images = await ports.store.images.find({ datasetId: session.datasetId, states: ['unlabelled'] });
  const box = { x1: 10, y1: 12, x2: 40, y2: 50 };
  await ports.store.samples.replaceBatch(
    iteration.id,
    images.map((image, rank) => ({
      imageId: image.id,
      rank,
      uncertaintyScore: 0.5,
      confidenceVariance: 0,
      entropyScore: 1,
      combinedScore: 0.5,
      scores: { combined: 0.5 },
      predictedBoxes: [{ classId: 0, confidence: 0.5, box }],
      maxConfidence: 0.5,
      minConfidence: 0.5,
      reasons: ['one box near the threshold'],
    })),
  );
  return iteration.id;
}

const decisions: readonly Decision[] = [
  { verdict: 'accepted' },
  { verdict: 'corrected', boxes: [{ classId: 1, cx: 0.5, cy: 0.5, width: 0.25, height: 0.125 }] },
  { verdict: 'rejected-background' },
  { verdict: 'rejected-unusable' },
  { verdict: 'rejected-later' },
  { verdict: 'skipped' },
];

const iterationId = await iterationUnderReview();
const samples = await ports.store.samples.list(iterationId);
for (;;) {
  const sample = samples[Math.floor(random() * samples.length)];
  const decision = decisions[Math.floor(random() * decisions.length)];
  if (!sample || !decision) throw new Error('There is nothing to review.');
  const done =
    random() < 0.25 && (await ports.store.labelEvents.lastUndoable(iterationId))
      ? await undoVerdict(ports, iterationId)
      : await submitVerdict(ports, sample.id, decision);
  process.stdout.write(`${done.id} ${done.verdict ?? 'open'}\n`);
}
