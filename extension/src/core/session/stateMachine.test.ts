import { describe, expect, it } from 'vitest';
import { SessionStateError } from './errors.ts';
import {
  canMove,
  isStep,
  iterationKind,
  iterationSteps,
  moveTo,
  nextStep,
  resumePoint,
  type IterationKind,
  type IterationState,
  type IterationStep,
} from './stateMachine.ts';
import type { IterationStatus } from './types.ts';

const kinds: readonly IterationKind[] = ['cold-start', 'regular', 'final'];
const statuses: readonly IterationStatus[] = [
  'preparing',
  'training',
  'evaluating',
  'scoring',
  'selecting',
  'reviewing',
  'completed',
  'failed',
  'cancelled',
];
const at = (status: IterationStatus, resumeFrom: IterationStatus | null = null): IterationState => ({
  status,
  resumeFrom,
});

function walk(kind: IterationKind, poolEmpty: boolean): string[] {
  const walked: string[] = [];
  let step: IterationStep | 'completed' = 'preparing';
  while (step !== 'completed') {
    walked.push(step);
    const next: IterationStep | 'completed' = nextStep(step, kind, { poolEmpty });
    expect(canMove(at(step), next)).toBe(true);
    step = next;
  }
  return walked;
}

describe('iterationKind', () => {
  it('distinguishes the cold start, the regular iterations and the final training', () => {
    expect([0, 1, 10, 11].map((number) => iterationKind(number, 10))).toEqual([
      'cold-start',
      'regular',
      'regular',
      'final',
    ]);
  });
});

describe('nextStep', () => {
  it.each(kinds)('goes through every step of a %s iteration with allowed moves', (kind) => {
    expect(walk(kind, false)).toEqual(iterationSteps(kind));
    expect(walk(kind, true)).not.toContain('reviewing');
  });

  it('trains and evaluates even if the pool is empty', () => {
    expect(nextStep('preparing', 'regular', { poolEmpty: true })).toBe('training');
    expect(nextStep('training', 'regular', { poolEmpty: true })).toBe('evaluating');
    expect(nextStep('evaluating', 'regular', { poolEmpty: true })).toBe('completed');
  });

  it('ends an iteration in a step of another kind', () => {
    expect(nextStep('scoring', 'final')).toBe('completed');
  });
});

describe('moveTo', () => {
  it('keeps the failed or cancelled step, and resumes it', () => {
    const failed = moveTo(at('scoring'), 'failed');
    expect(failed).toEqual({ status: 'failed', resumeFrom: 'scoring' });
    expect(moveTo(failed, 'scoring')).toEqual({ status: 'scoring', resumeFrom: null });
    expect(() => moveTo(failed, 'reviewing')).toThrow(SessionStateError);
  });

  it('allows exactly the transitions of the table', () => {
    const allowed = statuses.flatMap((from) =>
      statuses.filter((to) => canMove(at(from, 'training'), to) && from !== to).map((to) => `${from}>${to}`),
    );
    expect(allowed.filter((move) => !/>(failed|cancelled)$/.test(move)).toSorted()).toEqual(
      [
        'preparing>training',
        'preparing>selecting',
        'preparing>completed',
        'training>evaluating',
        'evaluating>scoring',
        'evaluating>completed',
        'scoring>selecting',
        'scoring>completed',
        'selecting>reviewing',
        'selecting>completed',
        'reviewing>completed',
        'reviewing>selecting',
        'failed>training',
        'cancelled>training',
      ].toSorted(),
    );
    expect(allowed.filter((move) => /^(completed|failed|cancelled)>(failed|cancelled)$/.test(move))).toEqual([]);
    for (const status of statuses.filter(isStep)) {
      expect(allowed).toContain(`${status}>failed`);
      expect(allowed).toContain(`${status}>cancelled`);
    }
  });

  it('repeats the step of an interrupted iteration', () => {
    for (const status of statuses.filter(isStep)) expect(moveTo(at(status), status).status).toBe(status);
    expect(() => moveTo(at('completed'), 'completed')).toThrow(SessionStateError);
  });
});

describe('resumePoint', () => {
  it('is the interrupted or failed step, or the first one if that is unknown', () => {
    expect(resumePoint(at('evaluating'))).toBe('evaluating');
    expect(resumePoint(at('failed', 'training'))).toBe('training');
    expect(resumePoint(at('cancelled', null))).toBe('preparing');
    expect(resumePoint(at('failed', 'failed'))).toBe('preparing');
    expect(resumePoint(at('completed'))).toBeNull();
  });
});
