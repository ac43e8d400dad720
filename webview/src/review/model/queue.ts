import type { QueueEntry, ReviewState, VerdictView } from '../../../../extension/src/protocol/review.ts';

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly left: number;
  /** Position of the open sample, from 1. 0 if it is not in the queue. */
  readonly position: number;
}

export function progressOf(state: ReviewState): Progress {
  const done = state.queue.filter((entry) => entry.verdict !== null).length;
  const total = state.queue.length;
  return { done, total, left: total - done, position: placeOf(state) + 1 };
}

/** The previous or next sample; null at the ends of the queue. */
export function neighbour(state: ReviewState, by: -1 | 1): QueueEntry | null {
  const place = placeOf(state);
  return place < 0 ? null : (state.queue[place + by] ?? null);
}

export function countVerdicts(queue: readonly QueueEntry[]): ReadonlyMap<VerdictView, number> {
  const counts = new Map<VerdictView, number>();
  for (const { verdict } of queue) if (verdict !== null) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return counts;
}

function placeOf(state: ReviewState): number {
  return state.queue.findIndex((entry) => entry.sampleId === state.current?.sampleId);
}
