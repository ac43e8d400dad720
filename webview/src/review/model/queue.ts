import type { QueueEntry, ReviewState, VerdictView } from '../../../../extension/src/protocol/review.ts';
import { reviewPace, type ReviewPace } from '../../../../extension/src/protocol/reviewPace.ts';

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly left: number;
  /** Position of the open sample, from 1. 0 if it is not in the queue. */
  readonly position: number;
  /** All seconds that the reviewer spent. */
  readonly seconds: number;
  /** Null until enough images have a verdict. */
  readonly pace: ReviewPace | null;
}

export function progressOf(state: ReviewState): Progress {
  const done = state.queue.filter((entry) => entry.verdict !== null).length;
  const total = state.queue.length;
  const left = total - done;
  const seconds = state.queue.reduce((sum, entry) => sum + (entry.seconds ?? 0), 0);
  const timed = state.queue.filter((entry) => entry.verdict !== null && entry.seconds !== null).length;
  const position = placeOf(state, state.current?.sampleId) + 1;
  return { done, total, left, position, seconds, pace: reviewPace({ seconds, timed, left }) };
}

/** The sample before or after another one, by default the open one; null at the ends of the queue. */
export function neighbour(state: ReviewState, by: -1 | 1, sampleId = state.current?.sampleId): QueueEntry | null {
  const place = placeOf(state, sampleId);
  return place < 0 ? null : (state.queue[place + by] ?? null);
}

/** The sample without a verdict after another one, going round at the end of the queue; null if none is left. */
export function nextOpen(queue: readonly QueueEntry[], sampleId: number): QueueEntry | null {
  return (
    openAfter(
      queue,
      queue.findIndex((entry) => entry.sampleId === sampleId),
      1,
    )[0] ?? null
  );
}

/** The samples that the user may see next, the most probable ones first. */
export function nearbySamples({ queue, current }: ReviewState): readonly number[] {
  const place = queue.findIndex((entry) => entry.sampleId === current?.sampleId);
  const open = openAfter(queue, place, openAhead);
  const beside = [1, -1, 2, 3, -2, 4, 5, 6, 7, 8].flatMap((by) => queue[place + by] ?? []);
  const ids = [open[0], beside[0], open[1], ...beside.slice(1, 4), open[2], ...beside.slice(4)].flatMap(
    (entry) => entry?.sampleId ?? [],
  );
  return [...new Set(ids)].filter((sampleId) => sampleId !== current?.sampleId);
}

/** As many as a user can judge while the host reads more. */
const openAhead = 3;

function openAfter(queue: readonly QueueEntry[], place: number, most: number): readonly QueueEntry[] {
  const found: QueueEntry[] = [];
  for (let step = 1; step < queue.length && found.length < most; step++) {
    const entry = queue[(Math.max(place, -1) + step) % queue.length];
    if (entry?.verdict === null) found.push(entry);
  }
  return found;
}

export function countVerdicts(queue: readonly QueueEntry[]): ReadonlyMap<VerdictView, number> {
  const counts = new Map<VerdictView, number>();
  for (const { verdict } of queue) if (verdict !== null) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return counts;
}

/** The queue after a verdict: a second look at an image adds to its time. */
export function withVerdict(
  queue: readonly QueueEntry[],
  sampleId: number,
  verdict: VerdictView,
  seconds: number,
): readonly QueueEntry[] {
  return queue.map((entry) =>
    entry.sampleId === sampleId ? { ...entry, verdict, seconds: (entry.seconds ?? 0) + seconds } : entry,
  );
}

function placeOf({ queue }: ReviewState, sampleId: number | undefined): number {
  return queue.findIndex((entry) => entry.sampleId === sampleId);
}
