import { SessionStateError } from './errors.ts';
import type { IterationStatus } from './types.ts';

/** A status in which there is work to do. In the three other ones, an iteration rests. */
export type IterationStep = Exclude<IterationStatus, 'completed' | 'failed' | 'cancelled'>;

/**
 * `cold-start` (iteration 0): there is no model yet; a first batch is selected and labelled.
 * `final`: the training on all labels after the last iteration; it selects no further batch.
 */
export type IterationKind = 'cold-start' | 'regular' | 'final';

/** The part of an iteration that the state machine reads. */
export interface IterationState {
  readonly status: IterationStatus;
  readonly resumeFrom: IterationStatus | null;
}

const stepsByKind: Readonly<Record<IterationKind, readonly IterationStep[]>> = {
  'cold-start': ['preparing', 'selecting', 'reviewing'],
  regular: ['preparing', 'training', 'evaluating', 'scoring', 'selecting', 'reviewing'],
  final: ['preparing', 'training', 'evaluating'],
};

/**
 * The statuses that may follow each step. `completed` follows early if the pool is empty. `reviewing` → `selecting`
 * selects another batch (the store refuses this once there are verdicts).
 */
const following: Readonly<Record<IterationStep, readonly IterationStatus[]>> = {
  preparing: ['training', 'selecting', 'completed'],
  training: ['evaluating'],
  evaluating: ['scoring', 'completed'],
  scoring: ['selecting', 'completed'],
  selecting: ['reviewing', 'completed'],
  reviewing: ['completed', 'selecting'],
};

/** The steps of an iteration of this kind, in order; `completed` comes after the last. */
export function iterationSteps(kind: IterationKind): readonly IterationStep[] {
  return stepsByKind[kind];
}

/** Iteration 0 is the cold start; after `maxIterations` comes the final training on all labels. */
export function iterationKind(iterationNumber: number, maxIterations: number): IterationKind {
  if (iterationNumber === 0) return 'cold-start';
  return iterationNumber > maxIterations ? 'final' : 'regular';
}

export function isStep(status: IterationStatus): status is IterationStep {
  return Object.hasOwn(following, status);
}

/** The step after this one. An iteration with an empty pool ends after the evaluation. */
export function nextStep(
  step: IterationStep,
  kind: IterationKind,
  facts: { readonly poolEmpty: boolean } = { poolEmpty: false },
): IterationStep | 'completed' {
  const next = stepsByKind[kind][stepsByKind[kind].indexOf(step) + 1];
  if (next === undefined || !stepsByKind[kind].includes(step)) return 'completed';
  if (facts.poolEmpty && (next === 'scoring' || next === 'selecting' || next === 'reviewing')) return 'completed';
  return next;
}

/** Whether an iteration may go from one status to another. A step can always fail or be cancelled. */
export function canMove(from: IterationState, to: IterationStatus): boolean {
  if (isStep(from.status)) {
    return to === 'failed' || to === 'cancelled' || to === from.status || following[from.status].includes(to);
  }
  return from.status !== 'completed' && to === resumePoint(from);
}

/**
 * The change that moves an iteration to `to`: `failed` and `cancelled` keep the step in `resumeFrom`.
 * An iteration may move to its current step, since every step can be repeated after an interruption.
 * @throws SessionStateError `illegal-transition`.
 */
export function moveTo(from: IterationState, to: IterationStatus): IterationState {
  if (!canMove(from, to)) {
    throw new SessionStateError(
      'illegal-transition',
      `An iteration that is ${from.status} cannot become ${to}.`,
      'Refresh: another window may have moved this iteration on.',
    );
  }
  return { status: to, resumeFrom: to === 'failed' || to === 'cancelled' ? from.status : null };
}

/**
 * The step to resume: that of a failed or cancelled iteration, or the current one of an interrupted iteration.
 * `null` if the iteration is completed.
 */
export function resumePoint(iteration: IterationState): IterationStep | null {
  if (isStep(iteration.status)) return iteration.status;
  if (iteration.status === 'completed') return null;
  return iteration.resumeFrom !== null && isStep(iteration.resumeFrom) ? iteration.resumeFrom : 'preparing';
}
