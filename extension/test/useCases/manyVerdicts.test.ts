import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LabelError } from '../../src/core/dataset/errors.ts';
import type { SampleRow } from '../../src/workflow/ports/store/samples.ts';
import { judgeMany, type Choice } from '../../src/workflow/review/manyVerdicts.ts';
import { redoVerdict, reverseGroup, undoVerdict } from '../../src/workflow/review/reversals.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import { rowOf } from '../support/fakePorts.ts';
import { bench, labelPath, reviewing, unsure, useWorkspaces, type Reviewing } from '../support/useCaseBench.ts';

useWorkspaces();

const later = (samples: readonly SampleRow[]): Choice[] =>
  samples.map(({ id }) => ({ sampleId: id, decision: { verdict: 'rejected-background' } }));

const verdictsOf = async ({ samples }: Reviewing): Promise<unknown[]> => {
  const rows = await Promise.all(samples.map(({ id }) => bench().ports.store.samples.get(id)));
  return rows.map((row) => row?.verdict);
};

const filesOf = ({ names }: Reviewing): boolean[] => names.map((name) => existsSync(labelPath(name)));

describe('many verdicts', () => {
  test('are written one by one, and one undo and one redo act on all of them', async () => {
    const { ports } = bench();
    const review = await reviewing();
    const { sessionId, iterationId, samples, names } = review;
    await submitVerdict(ports, samples[2]?.id ?? 0, { verdict: 'rejected-later' });
    const choices: Choice[] = [
      { sampleId: samples[0]?.id ?? 0, decision: { verdict: 'accepted', kept: [0] } },
      { sampleId: samples[1]?.id ?? 0, decision: { verdict: 'accepted', kept: [0] } },
    ];
    const outcome = await judgeMany(ports, sessionId, choices, 2, { secondsEach: 0.5 });
    expect(outcome).toMatchObject({ given: choices, leftOut: {}, failure: null });
    expect(await verdictsOf(review)).toEqual(['accepted', 'accepted', 'rejected-later']);
    expect(await readFile(labelPath(names[0] ?? ''), 'utf8')).toBe(`${rowOf(unsure)}\n`);
    expect((await ports.store.samples.get(samples[1]?.id ?? 0))?.reviewSeconds).toBe(0.5);

    expect(await undoVerdict(ports, iterationId)).toMatchObject({ id: samples[1]?.id });
    expect(await verdictsOf(review)).toEqual([null, null, 'rejected-later']);
    expect(filesOf(review)).toEqual([false, false, false]);
    await redoVerdict(ports, iterationId);
    expect(await verdictsOf(review)).toEqual(['accepted', 'accepted', 'rejected-later']);
    expect(await readFile(labelPath(names[0] ?? ''), 'utf8')).toBe(`${rowOf(unsure)}\n`);
    await undoVerdict(ports, iterationId);
    await undoVerdict(ports, iterationId);
    expect(await verdictsOf(review)).toEqual([null, null, null]);
    await expect(undoVerdict(ports, iterationId)).rejects.toMatchObject({ code: 'nothing-to-undo' });
  });

  test('leave out and count images that were judged, labelled or edited meanwhile, or show no box', async () => {
    const { ports } = bench();
    const review = await reviewing();
    const { sessionId, samples, names } = review;
    const [first, second, third] = samples as [SampleRow, SampleRow, SampleRow];
    const draft = { basis: '[null,null]', history: '{}', edited: true };
    await submitVerdict(ports, first.id, { verdict: 'skipped' });
    await ports.store.drafts.put({ sessionId, imageId: second.imageId, sampleId: second.id }, draft);
    const outside = '0 0.5 0.5 0.1 0.1\n';
    await writeFile(labelPath(names[2] ?? ''), outside);
    expect(await judgeMany(ports, sessionId, later(samples), 3)).toMatchObject({
      group: null,
      given: [],
      leftOut: { judged: 1, edited: 2 },
      failure: null,
    });
    expect(await verdictsOf(review)).toEqual(['skipped', null, null]);
    expect(await readFile(labelPath(names[2] ?? ''), 'utf8')).toBe(outside);
    expect(await ports.store.drafts.get({ sessionId, imageId: second.imageId, sampleId: second.id })).toEqual(draft);

    await rm(labelPath(names[2] ?? ''));
    const none = [{ sampleId: third.id, decision: { verdict: 'accepted', kept: [] } } as const];
    expect(await judgeMany(ports, sessionId, none, 1)).toMatchObject({ given: [], leftOut: { 'no-boxes': 1 } });
  });

  test('go on after an image that cannot be written, and stop before the next one when cancelled', async () => {
    const { ports, data } = bench();
    const review = await reviewing();
    const { sessionId, samples, names } = review;
    await rm(join(data, 'images', 'train', `${names[0]}.png`));
    const stop = new AbortController();
    const outcome = await judgeMany(ports, sessionId, later(samples), 3, {
      signal: stop.signal,
      report: () => stop.abort(),
    });
    expect(outcome).toMatchObject({ given: [], leftOut: { failed: 1 }, failure: { code: 'image-missing' } });
    const rest = await judgeMany(ports, sessionId, later(samples), 3);
    expect(rest).toMatchObject({ given: later(samples.slice(1)), leftOut: { failed: 1 } });
    expect(filesOf(review)).toEqual([false, true, true]);
  });

  test('an undo leaves out what was changed since, and asks before it overwrites that', async () => {
    const { ports } = bench();
    const review = await reviewing();
    const { sessionId, iterationId, samples, names } = review;
    const { group } = await judgeMany(ports, sessionId, later(samples), 3);
    const outside = '1 0.5 0.5 0.5 0.5\n';
    await writeFile(labelPath(names[1] ?? ''), outside);
    // Judged again, and that taken back: the first verdict stands.
    await submitVerdict(ports, samples[2]?.id ?? 0, { verdict: 'rejected-unusable' });
    await undoVerdict(ports, iterationId);
    await undoVerdict(ports, iterationId);
    expect(await verdictsOf(review)).toEqual([null, 'rejected-background', null]);
    expect(await readFile(labelPath(names[1] ?? ''), 'utf8')).toBe(outside);
    await expect(undoVerdict(ports, iterationId)).rejects.toMatchObject({ code: 'edited-outside' });
    expect(await reverseGroup(ports, group ?? '')).toMatchObject({ reversed: [], leftOut: [samples[1]?.imageId] });
    await undoVerdict(ports, iterationId, { overwriteOutsideEdit: true });
    expect(await verdictsOf(review)).toEqual([null, null, null]);
    expect(filesOf(review)).toEqual([false, false, false]);
  });

  test('an undo leaves an image alone that was judged again with the same labels', async () => {
    const { ports } = bench();
    const review = await reviewing();
    const { sessionId, samples, names } = review;
    const images = samples.map(({ imageId }): Choice => ({ imageId, decision: { verdict: 'rejected-background' } }));
    const { group } = await judgeMany(ports, sessionId, images.slice(0, 2), 2);
    await submitVerdict(ports, samples[0]?.id ?? 0, { verdict: 'rejected-background' });
    expect(await reverseGroup(ports, group ?? '')).toMatchObject({
      reversed: [samples[1]?.imageId],
      leftOut: [samples[0]?.imageId],
      failure: { code: 'edited-outside' },
    });
    expect(await readFile(labelPath(names[0] ?? ''), 'utf8')).toBe('');
  });

  test('a redo leaves out an image that was edited since, so that no edit is lost', async () => {
    const { ports } = bench();
    const review = await reviewing();
    const { sessionId, iterationId, samples } = review;
    await judgeMany(ports, sessionId, later(samples), 3);
    await undoVerdict(ports, iterationId);
    const [{ id: sampleId, imageId }] = samples as [SampleRow];
    const draft = { basis: '[null,null]', history: '{}', edited: true };
    await ports.store.drafts.put({ sessionId, imageId, sampleId }, draft);
    await redoVerdict(ports, iterationId);
    expect(await verdictsOf(review)).toEqual([null, 'rejected-background', 'rejected-background']);
    expect(await ports.store.drafts.get({ sessionId, imageId, sampleId })).toEqual(draft);
    await expect(redoVerdict(ports, iterationId)).rejects.toMatchObject({ code: 'has-edits' });
  });

  test('an undo that fails half-way is finished by the next one', async () => {
    const { ports } = bench();
    const review = await reviewing();
    const { sessionId, iterationId, samples } = review;
    await judgeMany(ports, sessionId, later(samples), 3);
    let writes = 0;
    const weak = {
      ...ports,
      labels: {
        ...ports.labels,
        write: (...values: Parameters<typeof ports.labels.write>) => {
          writes += 1;
          if (writes === 2) throw new LabelError('disk-full', 'No space is left.', 'Free some.');
          return ports.labels.write(...values);
        },
      },
    };
    await undoVerdict(weak, iterationId);
    expect(await verdictsOf(review)).toEqual([null, 'rejected-background', null]);
    await undoVerdict(ports, iterationId);
    expect(await verdictsOf(review)).toEqual([null, null, null]);
  });
});
