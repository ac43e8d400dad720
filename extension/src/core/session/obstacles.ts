import type { IterationStep } from './stateMachine.ts';

/** Why an action is not possible now, in English; `{0}` and `{1}` are values. The editor translates these texts. */
export const obstacleTexts = {
  'iterations-done':
    'All {0} iterations are done. Run the final training on all labels, or raise the number of iterations.',
  'final-done': 'The last training on all labels was made already.',
  'iteration-first': 'Iteration {0} of {1} comes first.',
  'not-begun': 'No iteration was begun.',
  'worked-on': 'Iteration {0} is being worked on.',
  'first-batch-is-over': 'A first batch is for a session that has too few labels for a training.',
  'first-batch-worked-on': 'The first batch is being worked on.',
  'iteration-completed': 'Iteration {0} is completed.',
  'first-batch-completed': 'The first batch is completed.',
  'not-interrupted': 'Nothing was interrupted: the samples wait for review.',
  'nothing-runs': 'Nothing is running.',
  'something-runs': 'Something is running; wait for it or cancel it.',
  'no-batch': 'There is no batch to review.',
  'no-batch-to-replace': 'There is no batch to replace.',
  'batch-empty': 'The batch has no samples.',
  'batch-judged': 'A batch that has verdicts cannot be replaced.',
  'nothing-reviewed': 'No sample was reviewed yet.',
  'sample-waits': '{0} sample waits for review; review it, or finish the review.',
  'samples-wait': '{0} samples wait for review; review them, or finish the review.',
  'review-unfinished': 'Finish the review first.',
  'stopped-at': 'Iteration {0} is not done: it stopped at {1}.',
  'first-batch-stopped-at': 'The first batch is not done: it stopped at {0}.',
  'no-images': 'The dataset has no image to label.',
  'no-labels': 'No image of the training split is labelled.',
  'no-validation-labels': 'No image of the validation split is labelled.',
  'one-label': 'Only one image is labelled. Training needs at least two, one of them for validation.',
  'no-model': 'No model was trained yet.',
  'session-open': 'The session is open.',
  'session-completed': 'The session is completed.',
  'session-archived': 'The session is archived.',
} as const;

/** Why an action is not possible. */
export interface Obstacle {
  readonly code: keyof typeof obstacleTexts;
  readonly values: readonly (number | IterationStep)[];
}

/** An obstacle with the values of its text. */
export function obstacle(code: Obstacle['code'], ...values: Obstacle['values']): Obstacle {
  return { code, values };
}

/** The obstacle as an English sentence. */
export function obstacleSentence({ code, values }: Obstacle): string {
  return obstacleTexts[code].replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)]));
}
