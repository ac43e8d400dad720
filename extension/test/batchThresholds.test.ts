import { expect, test } from 'vitest';
import { defaultThresholds } from '../src/core/detection/shownThresholds.ts';
import type { Detection, PixelBox } from '../src/core/detection/types.ts';
import { createBatchFixture, useFixtures } from './support/panelFixture.ts';
import { requireRow } from '../src/workflow/shared/errors.ts';
import { fitBatchThresholds, judge } from '../src/workflow/iteration/selection/fitBatchThresholds.ts';
import { submitVerdict } from '../src/workflow/review/verdicts.ts';

useFixtures();

function boxAt(x1: number, y1: number, size = 8): PixelBox {
  return { x1, y1, x2: x1 + size, y2: y1 + size };
}

function predicted(confidence: number, classId = 0, count = 60): Detection[] {
  return Array.from({ length: count }, (_, i) => ({
    classId,
    confidence,
    box: boxAt((i % 8) * 8, Math.floor(i / 8) * 8),
  }));
}

test('a prediction is right if a saved box of its class overlaps it by half; the surest one takes the box', () => {
  const sample = {
    reviewSeconds: 5,
    predictedBoxes: [
      { classId: 0, confidence: 0.9, box: boxAt(0, 0, 20) },
      { classId: 1, confidence: 0.8, box: boxAt(40, 0, 20) },
      { classId: 0, confidence: 0.2, box: boxAt(80, 0, 20) },
      // The same object as the first one, less sure.
      { classId: 0, confidence: 0.5, box: boxAt(1, 0, 20) },
      { classId: 0, confidence: 0.4, box: boxAt(0, 60, 20) },
    ],
  };
  const saved = [
    { classId: 0, box: boxAt(2, 0, 20) },
    { classId: 0, box: boxAt(40, 0, 20) },
    { classId: 0, box: boxAt(80, 1, 20) },
    { classId: 0, box: boxAt(12, 60, 20) },
  ];
  expect(judge(sample, saved, defaultThresholds)).toEqual({
    predictions: [
      { classId: 0, confidence: 0.9, right: true },
      { classId: 1, confidence: 0.8, right: false },
      { classId: 0, confidence: 0.4, right: false },
      { classId: 0, confidence: 0.2, right: true },
    ],
    shown: 3,
    drawn: 3,
    seconds: 5,
  });
});

test('the next batch has thresholds from the verdicts of earlier ones, and later verdicts do not change them', async () => {
  const { ports, sessionId } = await createBatchFixture();
  const { store } = ports;
  const session = requireRow(await store.sessions.get(sessionId), 'session', sessionId);
  const first = requireRow(await store.iterations.byNumber(sessionId, 1), 'iteration', 1);
  const rows = await store.samples.list(first.id);
  const boxes = [predicted(0.9), predicted(0.45), []];
  await store.samples.replaceBatch(
    first.id,
    rows.map(({ imageId, rank, reasons, scores, ...row }, i) => ({
      ...row,
      imageId,
      rank,
      reasons,
      scores,
      predictedBoxes: boxes[i] ?? [],
    })),
  );
  const second = await store.iterations.create(sessionId, 2, 'selecting');
  expect(await fitBatchThresholds(ports, session, second)).toEqual(defaultThresholds);

  const [right, wrong] = await store.samples.list(first.id);
  await submitVerdict(ports, right?.id ?? 0, { verdict: 'accepted' });
  await submitVerdict(ports, wrong?.id ?? 0, { verdict: 'rejected-background' });
  const fitted = await fitBatchThresholds(ports, session, second);
  expect(fitted.classes[0]).toMatchObject({ judged: 120, right: 60 });
  expect(fitted.classes[0]?.from).toBeGreaterThan(0.3);
  // Verdicts on the batch itself do not count for it.
  expect((await fitBatchThresholds(ports, session, first)).classes).toEqual({});

  await store.iterations.update(second.id, { shownThresholds: fitted });
  expect((await store.iterations.get(second.id))?.shownThresholds).toEqual(fitted);
});
