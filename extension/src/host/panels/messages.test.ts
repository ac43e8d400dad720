import { describe, expect, test } from 'vitest';
import { checkMetricsMessage } from './metrics/metricsMessages.ts';
import { checkReviewMessage } from './review/reviewMessages.ts';
import { createBatchFixture, openReview, useFixtures } from '../../../test/support/panelFixture.ts';

useFixtures();

const box = { x1: 0, y1: 0, x2: 5, y2: 5, classId: 0 };
const submission = { sampleId: 1, decision: { verdict: 'skipped' }, reviewSeconds: 0, overwrite: false };

describe('messages of a review page', () => {
  test.each([
    ['review/ready', null],
    ['review/open', { sampleId: 3 }],
    ['review/open', { sampleId: 3, rescan: true }],
    ['review/submit', submission],
    ['review/submit', { ...submission, decision: { verdict: 'corrected', boxes: [box] } }],
    ['review/submit', { ...submission, decision: { verdict: 'accepted', kept: [0, 2], confirmBackground: true } }],
    ['review/undo', { overwrite: true }],
    ['review/redo', { overwrite: true }],
    ['review/samples', { sampleIds: [1, -2] }],
    ['review/draft', { sampleId: 1, draft: { basis: '', history: '', edited: true } }],
    ['review/add-class', { name: 'burr' }],
    ['review/train-next', null],
    ['review/show-metrics', null],
  ])('%s %j passes', (type, payload) => {
    expect(checkReviewMessage(type, payload)).toEqual(payload);
  });

  test.each([
    ['a type of another panel', 'metrics/open-run', { runId: 'a' }],
    ['a type of Object', 'constructor', {}],
    ['a type of a prototype', '__proto__', {}],
    ['an id as text', 'review/open', { sampleId: '1' }],
    ['an id below one', 'review/open', { sampleId: 0 }],
    ['half an id', 'review/open', { sampleId: 1.5 }],
    ['a field too many', 'review/open', { sampleId: 1, path: '/etc/passwd' }],
    ['no payload', 'review/submit', undefined],
    ['an unknown verdict', 'review/submit', { ...submission, decision: { verdict: 'perfect' } }],
    [
      'a box without a class',
      'review/submit',
      { ...submission, decision: { verdict: 'corrected', boxes: [{ ...box, classId: undefined }] } },
    ],
    [
      'a box without an end',
      'review/submit',
      { ...submission, decision: { verdict: 'corrected', boxes: [{ ...box, x2: Number.POSITIVE_INFINITY }] } },
    ],
    [
      'a box of no numbers',
      'review/submit',
      { ...submission, decision: { verdict: 'corrected', boxes: [{ ...box, x2: null }] } },
    ],
    [
      'a negative class',
      'review/submit',
      { ...submission, decision: { verdict: 'corrected', boxes: [{ ...box, classId: -1 }] } },
    ],
    ['boxes beside a skip', 'review/submit', { ...submission, decision: { verdict: 'skipped', boxes: [] } }],
    [
      'too many boxes',
      'review/submit',
      { ...submission, decision: { verdict: 'corrected', boxes: Array.from({ length: 10_001 }, () => box) } },
    ],
    ['a negative time', 'review/submit', { ...submission, reviewSeconds: -1 }],
    ['no time', 'review/submit', { ...submission, reviewSeconds: null }],
    ['a name that is endless', 'review/add-class', { name: 'x'.repeat(1001) }],
    ['a payload where none belongs', 'review/train-next', {}],
  ])('%s is refused', (_what, type, payload) => {
    expect(() => checkReviewMessage(type, payload)).toThrow(expect.objectContaining({ code: 'invalid-message' }));
  });
});

test('messages of a metrics page are validated, too', () => {
  expect(checkMetricsMessage('metrics/open-run', { runId: 's1-i1-ab' })).toEqual({ runId: 's1-i1-ab' });
  for (const [type, payload] of [
    ['metrics/open-run', { runId: '' }],
    ['metrics/open-run', { runId: ['a'] }],
    ['metrics/export-model', { folder: '/' }],
    ['review/ready', null],
  ] as const) {
    expect(() => checkMetricsMessage(type, payload)).toThrow(expect.objectContaining({ code: 'invalid-message' }));
  }
});

test('a hostile page gets an error for each request and changes nothing', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const { state } = await review.page.request('review/ready', null);
  const [first] = state.queue;
  const answers = await review.raw({
    kind: 'request',
    id: 900,
    type: 'review/submit',
    payload: { sampleId: first?.sampleId },
  });
  expect(answers).toEqual([
    { kind: 'reply', id: 900, ok: false, error: expect.objectContaining({ code: 'invalid-message' }) },
  ]);
  expect(await review.raw({ kind: 'request', id: 901, type: 'toString', payload: null })).toEqual([
    { kind: 'reply', id: 901, ok: false, error: expect.objectContaining({ code: 'unknown-message' }) },
  ]);
  for (const noise of [
    null,
    7,
    'text',
    [],
    {},
    { kind: 'request', type: 'review/ready' },
    { kind: 'reply', id: 'x' },
  ]) {
    expect(await review.raw(noise)).toEqual([]);
  }
  // A sample that does not belong to this session's batch.
  await expect(review.page.request('review/open', { sampleId: 4711 })).rejects.toMatchObject({ code: 'not-found' });
  const foreign = { ...submission, decision: { verdict: 'rejected-background' as const }, sampleId: 4711 };
  await expect(review.page.request('review/submit', foreign)).rejects.toMatchObject({ code: 'not-found' });
});
