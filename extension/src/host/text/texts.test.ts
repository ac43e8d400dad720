import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { availableActions } from '../../core/session/actions.ts';
import { commandIds } from '../ids.ts';
import { batchLines, batchSummary } from './batchText.ts';
import { errorText } from './errorText.ts';
import { english, type Localiser } from './localiser.ts';
import { obstacleText } from './obstacleText.ts';
import { paceText } from './paceText.ts';
import { elsewhereText, iterationStatusText, reviewText, runningText, stepTitle } from './statusText.ts';

function offered(code: string): string[] {
  return errorText(english, new AppError(code, 'm', 'h')).fixes.map(({ command }) => command);
}

function key(code: string, message: string): string {
  return errorText(english, new AppError(code, message, 'h')).key;
}

describe('an error message', () => {
  it('contains the message, the hint, and the location unless the message contains it', () => {
    const error = new AppError('dataset-moved', 'The dataset is gone.', 'Tell where it is.', {
      where: '/data/data.yaml',
    });
    expect(errorText(english, error).text).toBe('The dataset is gone. (/data/data.yaml) Tell where it is.');
    const named = new AppError('x', 'Nothing is at /data.', 'Look again.', { where: '/data' });
    expect(errorText(english, named).text).toBe('Nothing is at /data. Look again.');
  });

  it('offers commands that help', () => {
    expect(offered('packages-missing')).toEqual([commandIds.environmentSetUp, commandIds.environmentSelect]);
    expect(offered('dataset-moved')).toEqual([commandIds.datasetLocate]);
    expect(offered('weights-missing')).toEqual([commandIds.sessionEdit]);
    expect(offered('trainer-died')).toEqual([commandIds.iterationRun]);
    expect(offered('session-busy')).toEqual([commandIds.iterationStop]);
    expect(offered('browse-only')).toEqual(['workbench.trust.manage']);
    expect(offered('disk-full')).toEqual([]);
  });

  it('is silent after a cancellation, and has no hint if it is unknown', () => {
    expect(errorText(english, new AppError('cancelled', 'Stopped.', 'Go on.')).silent).toBe(true);
    const unknown = errorText(english, new TypeError('x is not a function'));
    expect(unknown).toMatchObject({ text: 'x is not a function', fixes: [], silent: false });
  });

  it('has a key of code and message', () => {
    expect(key('a', 'm')).toBe(key('a', 'm'));
    expect(new Set([key('a', 'm'), key('b', 'm'), key('a', 'n')]).size).toBe(3);
  });
});

describe('the status bar', () => {
  const progress = { step: 'train', message: 'Epoch 3 of 50', fraction: 0.0699 };

  it('shows iteration, step and percentage, rounded down', () => {
    const text = runningText(english, { sessionName: 'Parts', iterationNumber: 2, progress });
    expect(text.text).toBe('$(sync~spin) Iteration 2: Training 6 %');
    expect(text.tooltip).toContain('Parts\nEpoch 3 of 50');
    expect(text.spoken).not.toContain('$(');
  });

  it('shows how long the step still takes, if known', () => {
    const running = { sessionName: 'Parts', iterationNumber: 2, progress };
    const text = (secondsToGo: number | null) => runningText(english, { ...running, secondsToGo }).text;
    expect(text(170)).toBe('$(sync~spin) Iteration 2: Training 6 %, about 3 min to go');
    expect(text(40)).toContain('6 %, less than a minute to go');
    expect(text(null)).toMatch(/6 %$/);
  });

  it('calls iteration 0 the first batch', () => {
    const batch = { sessionName: 'Parts', iterationNumber: 0, progress: { step: 'select', message: 'm' } };
    expect(runningText(english, batch).text).toBe('$(sync~spin) First batch: Selecting samples');
    expect(runningText(english, batch).spoken).toBe('Active learning, the first batch: Selecting samples');
    expect(elsewhereText(english, 'Parts', 0, 'selecting').text).toContain('First batch: selecting samples in another');
  });

  it('omits the percentage if it is unknown', () => {
    const open = { sessionName: 'P', iterationNumber: 1, progress: { step: 'select', message: 'm' } };
    expect(runningText(english, open).text).toBe('$(sync~spin) Iteration 1: Selecting samples');
  });

  it('counts open samples', () => {
    expect(
      reviewText(english, 'Parts', { total: 20, open: 17, byVerdict: {}, labelled: 0, seconds: 1, timed: 3 }),
    ).toEqual({
      text: '$(checklist) 17 to review',
      tooltip: 'Parts\n3 of 20 samples are reviewed. Click to continue.',
      spoken: 'Active learning, 17 to review',
    });
  });

  it.each([
    [{ seconds: 110, timed: 5, open: 12 }, '22 s an image · about 4 min to go'],
    [{ seconds: 0.5, timed: 5, open: 4 }, 'less than 1 s an image · less than a minute to go'],
    [{ seconds: 900, timed: 5, open: 0 }, '3 min an image'],
    [{ seconds: 0.4, timed: 4, open: 4 }, ''],
  ])('shows the pace of %j', (times, text) => {
    expect(paceText(english, { total: 17, byVerdict: {}, labelled: 0, ...times })).toBe(text);
  });

  it('translates every text', () => {
    const asked: string[] = [];
    const l10n: Localiser = {
      t: (message, ...values) => {
        asked.push(message);
        return english.t(message, ...values);
      },
    };
    for (const step of [
      'scan',
      'prepare',
      'train',
      'evaluate',
      'score',
      'embed',
      'duplicates',
      'select',
      'stop',
      'else',
    ])
      stepTitle(l10n, step);
    for (const status of ['preparing', 'training', 'reviewing', 'failed', 'cancelled'] as const) {
      iterationStatusText(l10n, status);
    }
    expect(new Set(asked).size).toBe(15);
  });
});

function iterationThatIs(status: 'reviewing' | 'failed') {
  return { iterationNumber: 1, status, resumeFrom: 'scoring' } as const;
}

describe('an obstacle', () => {
  const session = { status: 'active', currentIteration: 1, maxIterations: 3 } as const;
  const facts = {
    labelledImages: 4,
    validationImages: 0,
    labelledValidationImages: 0,
    poolImages: 9,
    openSamples: 2,
    reviewedSamples: 0,
    modelVersions: 0,
    working: false,
  };
  const begin = (status: 'reviewing' | 'failed') =>
    availableActions(session, iterationThatIs(status), facts).find(({ action }) => action === 'begin-iteration');

  it('is translated with its values', () => {
    const german: Localiser = {
      t: (message, ...values) => english.t(message.replace('samples wait', 'Bilder warten'), ...values),
    };
    expect(obstacleText(german, begin('reviewing'))).toBe(
      '2 Bilder warten for review; review them, or finish the review.',
    );
    expect(obstacleText(english, begin('failed'))).toBe('Iteration 1 is not done: it stopped at scoring images.');
  });

  it('is null if the action is available', () => {
    const cancelled = availableActions(session, iterationThatIs('failed'), facts);
    const resume = cancelled.find(({ action }) => action === 'resume-iteration');
    expect(obstacleText(english, resume)).toBeNull();
    expect(obstacleText(english, undefined)).toBeNull();
  });
});

describe('English', () => {
  it('fills in placeholders and keeps those without a value', () => {
    expect(english.t('{1} of {0}, {2}', 5, 'four')).toBe('four of 5, {2}');
  });
});

function image(imageId: number) {
  return { imageId, path: `/data/${imageId}.jpg`, rank: 0, reasons: ['far', 'rare'] };
}

describe('the preview of a batch', () => {
  const preview = {
    iteration: {} as never,
    before: [image(1), image(2)],
    after: [image(2), image(3)],
    entering: [image(3)],
    leaving: [image(1)],
    classes: [{ name: 'crack', labelled: 12, before: 1.04, after: 2.5 }],
    applicable: true,
    notes: ['Too few passed.'],
  };

  it('shows added and removed images, reasons and the class balance', () => {
    expect(batchSummary(english, preview)).toBe('Images: 1 added, 1 removed, 1 unchanged');
    expect(batchLines(english, preview).map(({ label }) => label)).toEqual([
      'Added',
      '3.jpg',
      'Removed',
      '1.jpg',
      'Expected boxes by class',
      'crack',
      'Notes',
      'Too few passed.',
    ]);
    expect(batchLines(english, preview)[1]).toMatchObject({ description: 'far; rare', path: '/data/3.jpg' });
    expect(batchLines(english, preview)[5]).toMatchObject({ description: '1.0 → 2.5, 12 labelled so far' });
  });

  it('omits empty sections, such as classes before the first model', () => {
    const same = {
      ...preview,
      entering: [],
      leaving: [],
      notes: [],
      classes: [{ name: 'a', labelled: 1, before: 0, after: 0 }],
    };
    expect(batchLines(english, same)).toEqual([]);
    expect(batchSummary(english, same)).toBe('The batch does not change.');
  });
});
