import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rescanDataset } from '../../src/workflow/dataset/datasets.ts';
import { StoreError } from '../../src/adapters/store/storeError.ts';
import { LabelError } from '../../src/core/dataset/errors.ts';
import { encodeLabelText } from '../../src/core/dataset/labelText.ts';
import type { Ports } from '../../src/workflow/ports/ports.ts';
import type { SampleRow } from '../../src/workflow/ports/store/samples.ts';
import { recover } from '../../src/workflow/dataset/recovery.ts';
import { undoVerdict } from '../../src/workflow/review/reversals.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import type { Decision } from '../../src/workflow/review/verdictOutcome.ts';
import { rowOf } from '../support/fakePorts.ts';
import { bench, faint, labelPath, reviewing, unsure, useWorkspaces } from '../support/useCaseBench.ts';

useWorkspaces();

/** Journals a verdict that a window began before it died. */
async function beginInDeadWindow(ports: Ports, { id, imageId }: SampleRow): Promise<void> {
  await ports.store.labelEvents.begin({
    imageId,
    sampleId: id,
    cause: 'verdict',
    before: null,
    after: encodeLabelText(''),
    verdictBefore: null,
    verdictAfter: 'rejected-background',
    stateBefore: 'unlabelled',
    stateAfter: 'labelled',
    owner: { pid: 2 ** 22 + 1, startTime: '1', nonce: 'dead' },
    undoes: null,
  });
}

describe('verdicts', () => {
  test('each changes the label file at once, and undo walks all the way back', async () => {
    const { ports } = bench();
    const { iterationId, samples, names } = await reviewing();
    const [first, second, third] = samples as [SampleRow, SampleRow, SampleRow];
    const [one = '', two = '', three = ''] = names;
    await submitVerdict(ports, first.id, { verdict: 'accepted' }, { reviewSeconds: 2.5 });
    expect(await readFile(labelPath(one), 'utf8')).toBe(`${rowOf(unsure)}\n`);
    expect(await ports.store.samples.get(first.id)).toMatchObject({ verdict: 'accepted', reviewSeconds: 2.5 });
    await submitVerdict(ports, second.id, {
      verdict: 'corrected',
      boxes: [{ classId: 2, cx: 0.25, cy: 0.5, width: 0.1, height: 0.2 }],
    });
    expect(await readFile(labelPath(two), 'utf8')).toBe('2 0.250000 0.500000 0.100000 0.200000\n');
    await submitVerdict(ports, third.id, { verdict: 'rejected-later' });
    expect(existsSync(labelPath(three))).toBe(false);
    expect((await ports.store.images.get(third.imageId))?.state).toBe('later');
    // A verdict may be changed: the label goes with it.
    await submitVerdict(ports, first.id, { verdict: 'rejected-unusable' });
    expect(existsSync(labelPath(one))).toBe(false);
    expect((await ports.store.images.get(first.imageId))?.state).toBe('unusable');

    await undoVerdict(ports, iterationId);
    expect(await readFile(labelPath(one), 'utf8')).toBe(`${rowOf(unsure)}\n`);
    for (let n = 0; n < 3; n++) await undoVerdict(ports, iterationId);
    for (const [index, sample] of samples.entries()) {
      expect(existsSync(labelPath(names[index] ?? ''))).toBe(false);
      expect(await ports.store.samples.get(sample.id)).toMatchObject({ verdict: null });
      expect((await ports.store.images.get(sample.imageId))?.state).toBe('unlabelled');
    }
    await expect(undoVerdict(ports, iterationId)).rejects.toMatchObject({ code: 'nothing-to-undo' });
  });

  test('accepting an image with no box shown asks whether it is background', async () => {
    const { ports } = bench();
    const { samples, names } = await reviewing();
    const index = names.indexOf('pool-empty');
    const id = samples[index]?.id ?? 0;
    await expect(submitVerdict(ports, id, { verdict: 'accepted' })).rejects.toMatchObject({ code: 'no-boxes-shown' });
    expect(existsSync(labelPath('pool-empty'))).toBe(false);
    await submitVerdict(ports, id, { verdict: 'accepted', confirmBackground: true });
    expect(await readFile(labelPath('pool-empty'), 'utf8')).toBe('');
  });

  test('boxes that are no boxes are refused with a sentence, and nothing is written', async () => {
    const { ports } = bench();
    const { samples, names } = await reviewing();
    for (const box of [
      { classId: 3, cx: 0.5, cy: 0.5, width: 0.1, height: 0.1 },
      { classId: 0, cx: Number.NaN, cy: 0.5, width: 0.1, height: 0.1 },
      { classId: 0, cx: 0.5, cy: 0.5, width: 0, height: 0.1 },
    ]) {
      const wrong = submitVerdict(ports, samples[0]?.id ?? 0, { verdict: 'corrected', boxes: [box] });
      await expect(wrong).rejects.toMatchObject({
        code: 'verdict-invalid',
        hint: expect.stringContaining('Classes are 0 to 2'),
      });
    }
    expect(existsSync(labelPath(names[0] ?? ''))).toBe(false);
    expect(await ports.store.labelEvents.history(samples[0]?.imageId ?? 0)).toEqual([]);
  });

  test('a label file that changed outside wins, until the person says otherwise', async () => {
    const { ports } = bench();
    const { iterationId, samples, names } = await reviewing();
    const [sample] = samples as [SampleRow];
    const path = labelPath(names[0] ?? '');
    const outside = '0 0.1 0.1 0.05 0.05\n# drawn elsewhere\n';
    await writeFile(path, outside);
    const refused = submitVerdict(ports, sample.id, { verdict: 'rejected-background' });
    await expect(refused).rejects.toMatchObject({ code: 'edited-outside', where: path });
    expect(await readFile(path, 'utf8')).toBe(outside);
    const report = await rescanDataset(ports, 1);
    expect(report.labelsChangedOutside).toBe(1);
    expect(await ports.store.images.get(sample.imageId)).toMatchObject({ state: 'labelled' });
    expect((await ports.store.labelEvents.history(sample.imageId)).map((event) => event.cause)).toEqual(['outside']);

    await submitVerdict(ports, sample.id, {
      verdict: 'corrected',
      boxes: [{ classId: 1, cx: 0.5, cy: 0.5, width: 0.5, height: 0.5 }],
    });
    // Comments of the file stay; its old box was replaced.
    expect(await readFile(path, 'utf8')).toBe('# drawn elsewhere\n1 0.500000 0.500000 0.500000 0.500000\n');
    await writeFile(path, outside);
    await expect(undoVerdict(ports, iterationId)).rejects.toMatchObject({ code: 'edited-outside' });
    await undoVerdict(ports, iterationId, { overwriteOutsideEdit: true });
    expect(await readFile(path, 'utf8')).toBe(outside);
  });

  test('what a dead process journaled but did not write is written at the next start', async () => {
    const { ports } = bench();
    const { samples, names } = await reviewing();
    const [first, second, third] = samples as [SampleRow, SampleRow, SampleRow];
    const owner = { pid: 2 ** 22 + 1, startTime: '1', nonce: 'dead' };
    const intent = {
      cause: 'verdict',
      before: null,
      verdictBefore: null,
      stateBefore: 'unlabelled',
      stateAfter: 'labelled',
      owner,
      undoes: null,
    } as const;
    const text = `${rowOf(faint)}\n`;
    const after = encodeLabelText(text);
    for (const sample of [first, second, third]) {
      await ports.store.labelEvents.begin({
        ...intent,
        imageId: sample.imageId,
        sampleId: sample.id,
        after,
        verdictAfter: 'corrected',
      });
    }
    await writeFile(labelPath(names[1] ?? ''), after);
    await writeFile(labelPath(names[2] ?? ''), '1 0.5 0.5 0.2 0.2\n');
    expect(await recover(ports)).toMatchObject({ written: 1, completed: 1, conflicts: 1 });
    expect(await readFile(labelPath(names[0] ?? ''), 'utf8')).toBe(text);
    expect(await readFile(labelPath(names[2] ?? ''), 'utf8')).toBe('1 0.5 0.5 0.2 0.2\n');
    expect((await ports.store.samples.get(first.id))?.verdict).toBe('corrected');
    expect((await ports.store.samples.get(second.id))?.verdict).toBe('corrected');
    expect((await ports.store.samples.get(third.id))?.verdict).toBeNull();
    expect(await recover(ports)).toMatchObject({ written: 0, completed: 0, conflicts: 0 });
  });

  test('a label that cannot be written at the next start does not keep the workspace closed', async () => {
    const { ports } = bench();
    const { samples } = await reviewing();
    const [sample] = samples as [SampleRow];
    await beginInDeadWindow(ports, sample);
    const full = {
      ...ports,
      labels: { ...ports.labels, write: () => Promise.reject(new Error('No space is left.')) },
    };
    expect(await recover(full)).toMatchObject({ unfinished: ['No space is left.'] });
    expect(await recover(ports)).toMatchObject({ unfinished: [], written: 1 });
  });

  test('an undo gives back any bytes as they were', async () => {
    const { ports } = bench();
    const { iterationId, samples, names } = await reviewing();
    const path = labelPath(names[0] ?? '');
    const id = samples[0]?.id ?? 0;
    const row = '0 0.5 0.5 0.1 0.1\n';
    const contents = {
      'latin-1': Buffer.from(`# Stra\u00dfe\n${row}`, 'latin1'),
      'WTF-8': Buffer.from([0x23, 0xed, 0xa0, 0x80, 0x0a]),
      'UTF-16': Buffer.from(row, 'utf16le'),
      'UTF-16 with a mark': Buffer.from(`\uFEFF${row}`, 'utf16le'),
      NUL: Buffer.from(`${row}\0\0\n`),
    };
    const judge = { overwriteOutsideEdit: true };
    for (const [name, bytes] of Object.entries(contents)) {
      await writeFile(path, bytes);
      const isText = name === 'latin-1' || name === 'WTF-8';
      const decisions: Decision[] = [
        { verdict: 'rejected-unusable' },
        { verdict: 'rejected-background' },
        ...(isText ? [{ verdict: 'corrected', boxes: [] } as const, { verdict: 'accepted' } as const] : []),
      ];
      for (const decision of decisions) {
        await submitVerdict(ports, id, decision, judge);
        await undoVerdict(ports, iterationId);
        expect({ name, decision, bytes: await readFile(path) }).toEqual({ name, decision, bytes });
      }
      if (isText) continue;
      // Rows of UTF-8 in a file of UTF-16 would make it neither.
      const mixed = submitVerdict(ports, id, { verdict: 'accepted' }, judge);
      await expect(mixed).rejects.toMatchObject({ code: 'label-not-text' });
      expect(await readFile(path)).toEqual(bytes);
    }
  });

  test('a label that is written but not flushed counts, with a warning', async () => {
    const { ports } = bench();
    const { iterationId, samples, names } = await reviewing();
    const path = labelPath(names[0] ?? '');
    const id = samples[0]?.id ?? 0;
    const failure = new LabelError('not-flushed', 'not confirmed', 'check the disk');
    const weak = {
      ...ports,
      labels: {
        ...ports.labels,
        write: async (...values: Parameters<typeof ports.labels.write>) => {
          await ports.labels.write(...values);
          throw failure;
        },
      },
    };
    await expect(submitVerdict(weak, id, { verdict: 'rejected-background' })).rejects.toBe(failure);
    expect(await readFile(path, 'utf8')).toBe('');
    expect(await ports.store.samples.get(id)).toMatchObject({ verdict: 'rejected-background' });
    expect(await ports.store.labelEvents.pending()).toEqual([]);
    await submitVerdict(ports, id, { verdict: 'rejected-background' });
    await expect(undoVerdict(weak, iterationId)).rejects.toBe(failure);
    await undoVerdict(ports, iterationId);
    expect(existsSync(path)).toBe(false);
  });

  test('a verdict that the database did not note is finished by whatever comes next, once', async () => {
    const { ports } = bench();
    const { iterationId, samples, names } = await reviewing();
    const [first, second] = samples as [SampleRow, SampleRow];
    const full = (): Ports => ({
      ...ports,
      store: {
        ...ports.store,
        labelEvents: {
          ...ports.store.labelEvents,
          complete: () => Promise.reject(new StoreError('disk-full', 'No space left.')),
        },
      },
    });
    const half = { code: 'half-stored', message: expect.stringMatching(/is written.*No space left/) };
    // The same again: one entry, so that one undo takes it back.
    await expect(submitVerdict(full(), first.id, { verdict: 'accepted' })).rejects.toMatchObject(half);
    expect(await readFile(labelPath(names[0] ?? ''), 'utf8')).toBe(`${rowOf(unsure)}\n`);
    expect(await submitVerdict(ports, first.id, { verdict: 'accepted' })).toMatchObject({ verdict: 'accepted' });
    // Another one: the last counts, also after a restart.
    await expect(submitVerdict(full(), second.id, { verdict: 'accepted' })).rejects.toMatchObject(half);
    await submitVerdict(ports, second.id, { verdict: 'rejected-unusable' });
    expect(await recover(ports)).toMatchObject({ written: 0, completed: 0, conflicts: 0 });
    expect(await ports.store.samples.get(second.id)).toMatchObject({ verdict: 'rejected-unusable' });
    expect(existsSync(labelPath(names[1] ?? ''))).toBe(false);
    // An undo that failed half-way is finished by the next one, which takes back nothing more.
    await expect(undoVerdict(full(), iterationId)).rejects.toMatchObject(half);
    expect(await undoVerdict(ports, iterationId)).toMatchObject({ id: second.id, verdict: 'accepted' });
    expect(await undoVerdict(ports, iterationId)).toMatchObject({ id: second.id, verdict: null });
    expect(await undoVerdict(ports, iterationId)).toMatchObject({ id: first.id, verdict: null });
    await expect(undoVerdict(ports, iterationId)).rejects.toMatchObject({ code: 'nothing-to-undo' });
  });

  test('what a window that died left open does not keep the others from judging', async () => {
    const { ports } = bench();
    const { samples, names } = await reviewing();
    const [sample] = samples as [SampleRow];
    await beginInDeadWindow(ports, sample);
    expect(await submitVerdict(ports, sample.id, { verdict: 'accepted' })).toMatchObject({ verdict: 'accepted' });
    expect(await recover(ports)).toMatchObject({ written: 0, completed: 0 });
    expect(await readFile(labelPath(names[0] ?? ''), 'utf8')).toBe(`${rowOf(unsure)}\n`);
  });

  test('an image that is gone gets no label, and can be skipped', async () => {
    const { ports, data } = bench();
    const { samples, names } = await reviewing();
    const [sample] = samples as [SampleRow];
    await rm(join(data, 'images', 'train', `${names[0]}.png`));
    for (const decision of [{ verdict: 'accepted' }, { verdict: 'rejected-background' }] as const) {
      await expect(submitVerdict(ports, sample.id, decision)).rejects.toMatchObject({
        code: 'image-missing',
        message: expect.stringContaining(names[0] ?? ''),
      });
    }
    expect(existsSync(labelPath(names[0] ?? ''))).toBe(false);
    expect(await submitVerdict(ports, sample.id, { verdict: 'skipped' })).toMatchObject({ verdict: 'skipped' });
  });
});
