import { describe, expect, it } from 'vitest';
import { availableActions, nextIterationNumber, sessionActions, type SessionFacts } from './actions.ts';
import { obstacleSentence, obstacleTexts } from './obstacles.ts';
import type { IterationStatus } from './types.ts';

const session = { status: 'active', currentIteration: 1, maxIterations: 3 } as const;
const facts: SessionFacts = {
  labelledImages: 40,
  validationImages: 0,
  labelledValidationImages: 0,
  poolImages: 100,
  openSamples: 0,
  reviewedSamples: 0,
  modelVersions: 0,
  working: false,
};

function iteration(iterationNumber: number, status: IterationStatus, resumeFrom: IterationStatus | null = null) {
  return { iterationNumber, status, resumeFrom };
}

function enabled(...parameters: Parameters<typeof availableActions>): string[] {
  return availableActions(...parameters)
    .filter((each) => each.enabled)
    .map(({ action }) => action);
}

function reason(action: string, ...parameters: Parameters<typeof availableActions>): string | null | undefined {
  return availableActions(...parameters).find((each) => each.action === action)?.reason;
}

describe('availableActions', () => {
  it('lists every action, with a reason only if it is disabled', () => {
    const actions = availableActions(session, iteration(1, 'reviewing'), facts);
    expect(actions.map(({ action }) => action)).toEqual(sessionActions);
    for (const each of actions) {
      expect(each.enabled).toBe(each.reason === null);
      expect(each.reason).toBe(each.obstacle === null ? null : obstacleSentence(each.obstacle));
    }
  });

  it('starts with the first training, or with a batch to label if there are no labels', () => {
    expect(enabled({ ...session, currentIteration: 0 }, null, facts)).toEqual(['begin-iteration', 'complete-session']);
    expect(nextIterationNumber({ ...session, currentIteration: 0 }, null, facts)).toBe(1);
    expect(nextIterationNumber({ ...session, currentIteration: 0 }, null, { ...facts, labelledImages: 0 })).toBe(0);
    const unlabelledFacts = { ...facts, labelledImages: 0 };
    expect(enabled(session, null, unlabelledFacts)).toEqual(['select-first-batch', 'complete-session']);
    expect(reason('begin-iteration', session, null, unlabelledFacts)).toBe(
      'No image of the training split is labelled.',
    );
    expect(reason('select-first-batch', session, null, facts)).toContain('too few labels');
    const empty = { ...facts, labelledImages: 0, poolImages: 0 };
    expect(reason('begin-iteration', session, null, empty)).toBe('The dataset has no image to label.');
    const unlabelled = { ...facts, labelledImages: 0 };
    expect(reason('begin-iteration', session, iteration(0, 'completed'), unlabelled)).toBe(
      'No image of the training split is labelled.',
    );
  });

  it('offers review while samples are open', () => {
    const reviewing = { ...facts, openSamples: 20, modelVersions: 1 };
    expect(enabled(session, iteration(1, 'reviewing'), reviewing)).toEqual([
      'review',
      'choose-again',
      'export-model',
      'complete-session',
    ]);
    expect(reason('begin-iteration', session, iteration(1, 'reviewing'), reviewing)).toContain('20 samples wait');
    const halfway = { ...reviewing, openSamples: 1, reviewedSamples: 19 };
    expect(enabled(session, iteration(1, 'reviewing'), halfway)).toContain('finish-review');
    expect(reason('choose-again', session, iteration(1, 'reviewing'), halfway)).toContain('verdicts');
    expect(reason('begin-iteration', session, iteration(1, 'reviewing'), halfway)).toContain('1 sample waits');
  });

  it('cancels a running iteration, and resumes an interrupted or failed one', () => {
    const running = { ...facts, working: true };
    expect(enabled(session, iteration(1, 'training'), running)).toEqual(['cancel-iteration']);
    expect(enabled(session, iteration(1, 'training'), facts)).toEqual(['resume-iteration', 'complete-session']);
    expect(enabled(session, iteration(1, 'failed', 'training'), facts)).toContain('resume-iteration');
    expect(enabled(session, iteration(1, 'cancelled', 'reviewing'), facts)).toContain('resume-iteration');
    expect(reason('begin-iteration', session, iteration(1, 'failed', 'training'), facts)).toContain('training');
    expect(reason('resume-iteration', session, iteration(1, 'reviewing'), facts)).toContain('wait for review');
    expect(reason('resume-iteration', session, iteration(1, 'selecting'), running)).toContain('Iteration 1 is being');
  });

  it('offers a training only if there are labels to train on and to validate on', () => {
    const one = { ...facts, labelledImages: 1 };
    expect(enabled(session, null, one)).toContain('select-first-batch');
    expect(reason('begin-iteration', session, null, one)).toContain('Only one image is labelled.');
    const first = iteration(0, 'completed');
    expect(reason('begin-iteration', session, first, one)).toContain('Only one image is labelled.');
    expect(enabled(session, first, { ...facts, labelledImages: 2 })).toContain('begin-iteration');
    expect(enabled(session, first, { ...one, validationImages: 3, labelledValidationImages: 1 })).toContain(
      'begin-iteration',
    );
    expect(reason('begin-iteration', session, first, { ...facts, validationImages: 3 })).toBe(
      'No image of the validation split is labelled.',
    );
    // As long as the first batch is under review, its images can still be labelled.
    const reviewed = { ...one, reviewedSamples: 20 };
    expect(reason('finish-review', session, iteration(0, 'reviewing'), reviewed)).toContain('Only one image');
    expect(enabled(session, iteration(1, 'reviewing'), reviewed)).toContain('finish-review');
  });

  it('calls iteration 0 the first batch', () => {
    const running = { ...facts, working: true };
    const first = 'The first batch is';
    expect(reason('resume-iteration', session, iteration(0, 'selecting'), running)).toContain(`${first} being`);
    expect(reason('resume-iteration', session, iteration(0, 'completed'), facts)).toBe(`${first} completed.`);
    expect(reason('begin-iteration', session, iteration(0, 'failed', 'selecting'), facts)).toBe(
      `${first} not done: it stopped at selecting.`,
    );
  });

  it('offers the final training once, after the last iteration', () => {
    const trained = { ...facts, modelVersions: 3 };
    expect(enabled(session, iteration(3, 'completed'), trained)).toEqual([
      'train-final',
      'export-model',
      'complete-session',
    ]);
    expect(reason('begin-iteration', session, iteration(3, 'completed'), trained)).toContain('All 3 iterations');
    expect(reason('train-final', session, iteration(2, 'completed'), trained)).toBe('Iteration 3 of 3 comes first.');
    expect(reason('train-final', session, iteration(4, 'completed'), trained)).toContain('already');
  });

  it('allows only export and reopening of a closed session', () => {
    const closed = { ...session, status: 'completed' } as const;
    expect(enabled(closed, iteration(3, 'completed'), { ...facts, modelVersions: 1 })).toEqual([
      'export-model',
      'reopen-session',
    ]);
    expect(reason('begin-iteration', closed, iteration(2, 'completed'), facts)).toBe('The session is completed.');
  });
});

describe('the sentence of an obstacle', () => {
  it('contains its values', () => {
    expect(obstacleSentence({ code: 'iteration-first', values: [2, 5] })).toBe('Iteration 2 of 5 comes first.');
    expect(obstacleSentence({ code: 'stopped-at', values: [3, 'scoring'] })).toContain('stopped at scoring');
  });

  it('is unique', () => {
    expect(new Set(Object.values(obstacleTexts)).size).toBe(Object.keys(obstacleTexts).length);
  });
});
