import { iterationKind, isStep, resumePoint, type IterationState } from './stateMachine.ts';
import type { SessionStatus } from './types.ts';

export const sessionActions = [
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

/** What a person can do with a session: a tree item's button, a line of the command line's `status`. */
export type SessionAction = (typeof sessionActions)[number];

/** `reason` says why an action cannot be taken now; it is `null` where it can. */
export interface AvailableAction {
  readonly action: SessionAction;
  readonly enabled: boolean;
  readonly reason: string | null;
}

/** The part of a session that decides. */
export interface SessionState {
  readonly status: SessionStatus;
  readonly currentIteration: number;
  readonly maxIterations: number;
}

/** Counts and facts of the moment. */
export interface SessionFacts {
  /** Labelled images of the training split. */
  readonly labelledImages: number;
  /** Images that may still be selected. */
  readonly poolImages: number;
  /** Samples of the current iteration without and with a verdict. */
  readonly openSamples: number;
  readonly reviewedSamples: number;
  readonly modelVersions: number;
  /** Whether a live process or window works on the current iteration. */
  readonly working: boolean;
}

interface Situation {
  readonly session: SessionState;
  readonly iteration: (IterationState & { readonly iterationNumber: number }) | null;
  readonly facts: SessionFacts;
}

/**
 * Every action with whether it can be taken now, and otherwise why not, in the order of `sessionActions`.
 * `iteration` is the current one, `null` before the first.
 */
export function availableActions(
  session: SessionState,
  iteration: (IterationState & { readonly iterationNumber: number }) | null,
  facts: SessionFacts,
): readonly AvailableAction[] {
  const situation = { session, iteration, facts };
  return sessionActions.map((action) => {
    const reason = closedReason(situation, action) ?? obstacles[action](situation);
    return { action, enabled: reason === null, reason };
  });
}

/** Which iteration `begin-iteration` or `train-final` would make: 0 without a label, otherwise the next one. */
export function nextIterationNumber(
  session: SessionState,
  iteration: { readonly iterationNumber: number } | null,
  facts: Pick<SessionFacts, 'labelledImages'>,
): number {
  if (iteration !== null) return iteration.iterationNumber + 1;
  return facts.labelledImages === 0 ? 0 : Math.max(1, session.currentIteration);
}

/** `null` means that nothing stands in the way. */
const obstacles: Readonly<Record<SessionAction, (situation: Situation) => string | null>> = {
  'begin-iteration': (situation) => {
    const { session, iteration, facts } = situation;
    const number = nextIterationNumber(session, iteration, facts);
    if (number > 0 && iterationKind(number, session.maxIterations) === 'final') {
      return `All ${session.maxIterations} iterations are done; train once more on all labels, or raise the number of iterations.`;
    }
    return beginObstacle(situation, number);
  },
  'train-final': (situation) => {
    const { session, iteration, facts } = situation;
    const number = nextIterationNumber(session, iteration, facts);
    if (iteration !== null && iterationKind(iteration.iterationNumber, session.maxIterations) === 'final') {
      return 'The last training on all labels was made already.';
    }
    if (iterationKind(number, session.maxIterations) !== 'final') {
      return `Iteration ${number} of ${session.maxIterations} comes first.`;
    }
    return beginObstacle(situation, number);
  },
  'resume-iteration': ({ iteration, facts }) => {
    if (iteration === null) return 'No iteration was begun.';
    if (facts.working) return `Iteration ${iteration.iterationNumber} is being worked on.`;
    const point = resumePoint(iteration);
    if (point === null) return `Iteration ${iteration.iterationNumber} is completed.`;
    return iteration.status === 'reviewing' ? 'Nothing was interrupted: the samples wait for review.' : null;
  },
  'cancel-iteration': ({ iteration, facts }) =>
    iteration !== null && isStep(iteration.status) && iteration.status !== 'reviewing' && facts.working
      ? null
      : 'Nothing is running.',
  review: ({ iteration, facts }) => {
    if (iteration?.status !== 'reviewing') return 'There is no batch to review.';
    return facts.openSamples + facts.reviewedSamples === 0 ? 'The batch has no samples.' : null;
  },
  'finish-review': ({ iteration, facts }) => {
    if (iteration?.status !== 'reviewing') return 'There is no batch to review.';
    return facts.reviewedSamples === 0 && facts.openSamples > 0 ? 'No sample was reviewed yet.' : null;
  },
  'choose-again': ({ iteration, facts }) => {
    if (iteration?.status !== 'reviewing') return 'There is no batch to replace.';
    return facts.reviewedSamples > 0 ? 'A batch that has verdicts cannot be replaced.' : null;
  },
  'export-model': ({ facts }) => (facts.modelVersions === 0 ? 'No model was trained yet.' : null),
  'complete-session': ({ facts }) => (facts.working ? 'Something is running; wait for it or cancel it.' : null),
  'reopen-session': ({ session }) =>
    session.status === 'completed' || session.status === 'archived' ? null : 'The session is open.',
};

/** A closed session still exports and can be opened again; all else needs it open. */
function closedReason({ session }: Situation, action: SessionAction): string | null {
  if (session.status !== 'completed' && session.status !== 'archived') return null;
  if (action === 'export-model' || action === 'reopen-session') return null;
  return `The session is ${session.status}.`;
}

function beginObstacle({ iteration, facts }: Situation, number: number): string | null {
  if (facts.working) return 'Something is running; wait for it or cancel it.';
  if (iteration?.status === 'reviewing') {
    return facts.openSamples > 0
      ? `${facts.openSamples} ${facts.openSamples === 1 ? 'sample waits' : 'samples wait'} for review; review them, or finish the review.`
      : 'Finish the review first.';
  }
  if (iteration !== null && iteration.status !== 'completed') {
    return `Iteration ${iteration.iterationNumber} is not done: it stopped at ${resumePoint(iteration) ?? 'its end'}.`;
  }
  if (number === 0) return facts.poolImages === 0 ? 'The dataset has no image to label.' : null;
  return facts.labelledImages === 0 ? 'No image of the training split is labelled.' : null;
}
