import { obstacle, obstacleSentence, type Obstacle } from './obstacles.ts';
import { iterationKind, isStep, resumePoint, type IterationState } from './stateMachine.ts';
import type { SessionStatus } from './types.ts';

export const sessionActions = [
  'select-first-batch',
  'begin-iteration',
  'resume-iteration',
  'cancel-iteration',
  'review',
  'finish-review',
  'choose-again',
  'train-final',
  'export-model',
  'complete-session',
  'reopen-session',
] as const;

/** What the user can do with a session: a button in the tree, or a word in the `status` of the command line. */
export type SessionAction = (typeof sessionActions)[number];

/** `obstacle` is why the action is not possible now, `reason` the same in English; both are `null` if it is possible. */
export interface AvailableAction {
  readonly action: SessionAction;
  readonly enabled: boolean;
  readonly obstacle: Obstacle | null;
  readonly reason: string | null;
}

/** The part of a session that the actions depend on. */
export interface SessionState {
  readonly status: SessionStatus;
  readonly currentIteration: number;
  readonly maxIterations: number;
}

/** Counts and facts that the actions depend on. */
export interface SessionFacts {
  /** Labelled images of the training split. */
  readonly labelledImages: number;
  /** Images of the validation split, and those of them that are labelled. */
  readonly validationImages: number;
  readonly labelledValidationImages: number;
  /** Images that may still be selected. */
  readonly poolImages: number;
  /** Samples of the current iteration without and with a verdict. */
  readonly openSamples: number;
  readonly reviewedSamples: number;
  readonly modelVersions: number;
  /** Whether a live process or window works on the current iteration. */
  readonly working: boolean;
}

type LabelFacts = Pick<SessionFacts, 'labelledImages' | 'validationImages' | 'labelledValidationImages'>;

interface Situation {
  readonly session: SessionState;
  readonly iteration: (IterationState & { readonly iterationNumber: number }) | null;
  readonly facts: SessionFacts;
}

/**
 * Every action, whether it is possible now, and if not, why; in the order of `sessionActions`.
 * `iteration` is the current one, `null` before the first.
 */
export function availableActions(
  session: SessionState,
  iteration: (IterationState & { readonly iterationNumber: number }) | null,
  facts: SessionFacts,
): readonly AvailableAction[] {
  const situation = { session, iteration, facts };
  return sessionActions.map((action) => {
    const found = closedObstacle(situation, action) ?? obstacles[action](situation);
    return {
      action,
      enabled: found === null,
      obstacle: found,
      reason: found === null ? null : obstacleSentence(found),
    };
  });
}

/** The number of the iteration that comes next: 0, the first batch, if there are not enough labels for a training. */
export function nextIterationNumber(
  session: SessionState,
  iteration: { readonly iterationNumber: number } | null,
  facts: LabelFacts,
): number {
  if (iteration !== null) return iteration.iterationNumber + 1;
  return needsFirstBatch(facts) ? 0 : Math.max(1, session.currentIteration);
}

/** `null` means that the action is possible. */
const obstacles: Readonly<Record<SessionAction, (situation: Situation) => Obstacle | null>> = {
  'select-first-batch': (situation) => {
    const number = nextIterationNumber(situation.session, situation.iteration, situation.facts);
    return number > 0 ? obstacle('first-batch-is-over') : beginObstacle(situation, number);
  },
  'begin-iteration': (situation) => {
    const { session, iteration, facts } = situation;
    const number = nextIterationNumber(session, iteration, facts);
    if (number === 0) return beginObstacle(situation, number) ?? labelObstacle(facts);
    if (iterationKind(number, session.maxIterations) === 'final') {
      return obstacle('iterations-done', session.maxIterations);
    }
    return beginObstacle(situation, number);
  },
  'train-final': (situation) => {
    const { session, iteration, facts } = situation;
    const number = nextIterationNumber(session, iteration, facts);
    if (iteration !== null && iterationKind(iteration.iterationNumber, session.maxIterations) === 'final') {
      return obstacle('final-done');
    }
    if (iterationKind(number, session.maxIterations) !== 'final') {
      return obstacle('iteration-first', number, session.maxIterations);
    }
    return beginObstacle(situation, number);
  },
  'resume-iteration': ({ iteration, facts }) => {
    if (iteration === null) return obstacle('not-begun');
    const { iterationNumber } = iteration;
    if (facts.working) {
      return iterationNumber === 0 ? obstacle('first-batch-worked-on') : obstacle('worked-on', iterationNumber);
    }
    const point = resumePoint(iteration);
    if (point === null) {
      return iterationNumber === 0
        ? obstacle('first-batch-completed')
        : obstacle('iteration-completed', iterationNumber);
    }
    return iteration.status === 'reviewing' ? obstacle('not-interrupted') : null;
  },
  'cancel-iteration': ({ iteration, facts }) =>
    iteration !== null && isStep(iteration.status) && iteration.status !== 'reviewing' && facts.working
      ? null
      : obstacle('nothing-runs'),
  review: ({ iteration, facts }) => {
    if (iteration?.status !== 'reviewing') return obstacle('no-batch');
    return facts.openSamples + facts.reviewedSamples === 0 ? obstacle('batch-empty') : null;
  },
  'finish-review': ({ iteration, facts }) => {
    if (iteration?.status !== 'reviewing') return obstacle('no-batch');
    if (facts.reviewedSamples === 0 && facts.openSamples > 0) return obstacle('nothing-reviewed');
    // Without its batch, a session whose first labels are missing could never get them.
    return iteration.iterationNumber === 0 ? labelObstacle(facts) : null;
  },
  'choose-again': ({ iteration, facts }) => {
    if (iteration?.status !== 'reviewing') return obstacle('no-batch-to-replace');
    return facts.reviewedSamples > 0 ? obstacle('batch-judged') : null;
  },
  'export-model': ({ facts }) => (facts.modelVersions === 0 ? obstacle('no-model') : null),
  'complete-session': ({ facts }) => (facts.working ? obstacle('something-runs') : null),
  'reopen-session': ({ session }) =>
    session.status === 'completed' || session.status === 'archived' ? null : obstacle('session-open'),
};

/** A closed session can only be exported and reopened. */
function closedObstacle({ session }: Situation, action: SessionAction): Obstacle | null {
  if (session.status !== 'completed' && session.status !== 'archived') return null;
  if (action === 'export-model' || action === 'reopen-session') return null;
  return obstacle(session.status === 'completed' ? 'session-completed' : 'session-archived');
}

function beginObstacle({ iteration, facts }: Situation, number: number): Obstacle | null {
  if (facts.working) return obstacle('something-runs');
  if (iteration?.status === 'reviewing') {
    return facts.openSamples > 0
      ? obstacle(facts.openSamples === 1 ? 'sample-waits' : 'samples-wait', facts.openSamples)
      : obstacle('review-unfinished');
  }
  if (iteration !== null && iteration.status !== 'completed') {
    const step = resumePoint(iteration) ?? 'preparing';
    const { iterationNumber } = iteration;
    return iterationNumber === 0
      ? obstacle('first-batch-stopped-at', step)
      : obstacle('stopped-at', iterationNumber, step);
  }
  if (number === 0) return facts.poolImages === 0 ? obstacle('no-images') : null;
  return labelObstacle(facts);
}

/** Whether the labels do not suffice for a training because too few training images have one. */
function needsFirstBatch(facts: LabelFacts): boolean {
  const code = labelObstacle(facts)?.code;
  return code === 'no-labels' || code === 'one-label';
}

/** Why the labels do not suffice for a training. */
function labelObstacle({ labelledImages, validationImages, labelledValidationImages }: LabelFacts): Obstacle | null {
  if (labelledImages === 0) return obstacle('no-labels');
  if (labelledValidationImages > 0) return null;
  if (validationImages > 0) return obstacle('no-validation-labels');
  return labelledImages === 1 ? obstacle('one-label') : null;
}
