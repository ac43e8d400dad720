import { describe, expect, test } from 'vitest';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { finishReview } from '../../src/workflow/review/finishReview.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { canSelectFirstBatch, sessionStatus } from '../../src/workflow/session/status.ts';
import { makePaintedDataset } from '../support/fakePorts.ts';
import { openReview } from '../support/panelFixture.ts';
import { bench, settings, source, sure, useWorkspaces } from '../support/useCaseBench.ts';

useWorkspaces();

describe('a folder without a label', () => {
  test('says how many labels the first training sets aside for validation, and sets so many aside', async () => {
    const { ports, data } = bench();
    const names = Array.from({ length: 10 }, (_, at) => `image ${at}`);
    const yaml = await makePaintedDataset(
      data,
      Object.fromEntries(names.map((name, at) => [name, { spots: [{ ...sure, column: at % 8, row: at % 7 }] }])),
    );
    const { session } = await createSession(ports, source(yaml), { ...settings, maxSamplesPerIteration: 10 });
    const before = await sessionStatus(ports, session.id);
    expect(before.labelled).toEqual({ training: 0, validation: 0, test: 0, toSetAside: 0 });
    expect(canSelectFirstBatch(before)).toBe(true);

    const iteration = await runIteration(ports, session.id);
    const box = { classId: 0, cx: 0.25, cy: 0.25, width: 0.125, height: 0.125 };
    for (const { id } of await ports.store.samples.list(iteration.id)) {
      await submitVerdict(ports, id, { verdict: 'corrected', boxes: [box] });
    }
    const labelled = await sessionStatus(ports, session.id);
    expect(labelled.labelled).toEqual({ training: 10, validation: 0, test: 0, toSetAside: 2 });
    expect(canSelectFirstBatch(labelled)).toBe(false);
    const page = openReview({ ports, sessionId: session.id });
    const { state } = await page.page.request('review/ready', null);
    expect(state.notice).toContain('The first training sets about 2 of the 10 labelled images aside for validation.');
    await finishReview(ports, iteration.id);

    expect(await runIteration(ports, session.id)).toMatchObject({ trainingImagesCount: 8, validationImagesCount: 2 });
    const trained = await sessionStatus(ports, session.id);
    expect(trained.labelled).toEqual({ training: 8, validation: 2, test: 0, toSetAside: 0 });
  });
});
