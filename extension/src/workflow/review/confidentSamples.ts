import type { Ports } from '../ports/ports.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { Choice } from './manyVerdicts.ts';
import { shownIndexes } from './verdictOutcome.ts';

/** A sample that can be accepted without opening it. */
export interface ConfidentSample {
  readonly sampleId: number;
  /** The indexes of the predicted boxes that an accept writes; at least one. */
  readonly kept: readonly number[];
  /** The lowest confidence of these boxes. */
  readonly lowest: number;
}

/**
 * The samples of a batch that have no verdict, labels or unsaved edits, show boxes, and whose boxes all have at least this
 * confidence; the least sure first.
 */
export async function confidentSamples(
  ports: Pick<Ports, 'store'>,
  { id: sessionId, datasetId }: Pick<SessionRow, 'id' | 'datasetId'>,
  { id: iterationId, shownThresholds }: Pick<IterationRow, 'id' | 'shownThresholds'>,
  from = 0,
): Promise<ConfidentSample[]> {
  const samples = (await ports.store.samples.list(iterationId)).filter(({ verdict }) => verdict === null);
  const edited = new Set((await ports.store.drafts.edited(sessionId)).map(({ sampleId }) => sampleId));
  const images = await ports.store.images.find({ datasetId, ids: samples.map(({ imageId }) => imageId) });
  const open = new Set(images.filter(({ state }) => state === 'unlabelled' || state === 'later').map(({ id }) => id));
  return samples
    .filter(({ id, imageId }) => open.has(imageId) && !edited.has(id))
    .flatMap((sample) => {
      const kept = shownIndexes(sample, shownThresholds);
      const lowest = Math.min(...kept.map((index) => sample.predictedBoxes[index]?.confidence ?? 0));
      return kept.length > 0 && lowest >= from ? [{ sampleId: sample.id, kept, lowest }] : [];
    })
    .toSorted((a, b) => a.lowest - b.lowest);
}

/** Accepts exactly these boxes of a sample. */
export function acceptChoice({ sampleId, kept }: Pick<ConfidentSample, 'sampleId' | 'kept'>): Choice {
  return { sampleId, decision: { verdict: 'accepted', kept } };
}
