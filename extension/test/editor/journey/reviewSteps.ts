import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { poll } from '../support/poll.ts';
import { limit, product, type Journey } from './journey.ts';
import { browsePicture, comparePicture, picture, settle } from './pictures.ts';
import { boxOfRow, labelRow, type Sample } from './sessionData.ts';
import { changedFiles, fingerprint } from './workspace.ts';

export async function review(journey: Journey): Promise<void> {
  const { editor, page } = journey;
  const samples = journey.samples();
  expect(samples).toHaveLength(6);
  const [opened] = samples as [Sample];
  // Otherwise there would be nothing to accept and nothing to correct.
  if (journey.pretrained) expect(samples.filter(({ shown }) => shown.length > 0)).not.toEqual([]);
  await page.waitForSample(opened);
  // Those with boxes first; a model that learnt nothing shows none.
  const order = samples.toSorted((a, b) => b.shown.length - a.shown.length);
  const [toCorrect, toAccept, toReject, ...rest] = order as [Sample, Sample, Sample, ...Sample[]];
  await page.open(samples.indexOf(toCorrect) + 1);
  await page.waitForSample(toCorrect);
  await picture(journey, '09-review');
  await accept(journey, samples.indexOf(toAccept) + 1, toAccept);
  await correct(journey, samples.indexOf(toCorrect) + 1, toCorrect);
  await reject(journey, samples.indexOf(toReject) + 1, toReject);
  for (const sample of rest) {
    await page.open(samples.indexOf(sample) + 1);
    await page.waitForSample(sample);
    await editor.page.keyboard.press('s');
    await journey.verdict(sample, 'skipped');
  }
  await page.waitForText('All samples reviewed');
  await picture(journey, '13-done');
  await browsePicture(journey, '13-images');
  const touched = [toAccept, toCorrect, toReject].map((sample) =>
    journey.labelFile(sample).slice(journey.dataset.length + 1),
  );
  expect(changedFiles(journey.before, fingerprint(journey.dataset))).toEqual(touched.toSorted());
  journey.watch.lap('review');
}

/** One key, nothing else: the panel that a command opened has the focus, and the key is one verdict. */
async function accept(journey: Journey, place: number, sample: Sample): Promise<void> {
  const { data, editor, page } = journey;
  await page.open(place);
  await page.waitForSample(sample);
  for (const size of ['narrow', { width: 900, height: 420 }, 'wide'] as const) {
    await editor.setSize(size);
    await settle(editor);
    expect(await page.aspect()).toBeCloseTo(sample.width / sample.height, 2);
  }
  await editor.runCommand(`${product}: Review Samples`);
  await editor.page.waitForTimeout(500);
  await editor.page.keyboard.press('a');
  if (sample.shown.length === 0) {
    await page.waitForText('as background?');
    await editor.page.keyboard.press('y');
  }
  const judged = await journey.verdict(sample, 'accepted');
  expect(judged.reviewSeconds).toBeGreaterThan(0);
  const expected = sample.shown.map(({ classId, box }) => labelRow(classId, box, sample)).join('');
  expect(readFileSync(journey.labelFile(sample), 'utf8')).toBe(expected);
  // A key that the page and a keybinding both took would by now have judged the next image too.
  await editor.page.waitForTimeout(1500);
  expect(data.labelEvents()).toMatchObject([
    { sampleId: sample.id, verdict: 'accepted', before: null, after: expected, state: 'done' },
  ]);
  expect(journey.samples().filter(({ verdict }) => verdict !== null)).toHaveLength(1);
  await page.waitForText('5 left');
}

async function correct(journey: Journey, place: number, sample: Sample): Promise<void> {
  const { data, page } = journey;
  await page.open(place);
  await page.waitForSample(sample);
  const rows = await page.boxRows();
  expect(rows).toHaveLength(sample.shown.length);
  const predicted = sample.shown[0]?.box ?? (await draw(journey, sample));
  // Towards the middle of the image, so that there is room.
  const by = { x: predicted.x2 > sample.width * 0.8 ? -30 : 30, y: predicted.y2 > sample.height * 0.8 ? -24 : 24 };
  const moved = await page.dragCorner(sample, predicted, 0, by, () => picture(journey, '10-dragging'));
  await page.waitForText('Accept with corrections');

  // Nothing is saved yet, and nothing is lost by a reload.
  expect(existsSync(journey.labelFile(sample))).toBe(false);
  await journey.reload();
  await page.waitForSample(sample);
  await page.waitForText('Accept with corrections');
  await picture(journey, '11-corrected');
  await comparePicture(journey, '11-compared');
  await page.press(/Accept with corrections/);
  await journey.verdict(sample, 'corrected');

  const text = readFileSync(journey.labelFile(sample), 'utf8');
  const written = text.split('\n').slice(0, -1);
  const others = sample.shown.slice(1).map(({ classId, box }) => labelRow(classId, box, sample).trim());
  expect(written.slice(1)).toEqual(others);
  const corrected = boxOfRow(written[0] ?? '', sample);
  expect(corrected.x1).toBeCloseTo(predicted.x1, 2);
  expect(corrected.y1).toBeCloseTo(predicted.y1, 2);
  // Half a pixel of the window is what a mouse can tell.
  expect(Math.abs(corrected.x2 - predicted.x2 - moved.x)).toBeLessThan(2);
  expect(Math.abs(corrected.y2 - predicted.y2 - moved.y)).toBeLessThan(2);
  expect(data.labelEvents().at(-1)).toMatchObject({
    verdict: 'corrected',
    before: null,
    after: text,
    state: 'done',
  });
}

/** Draws a box where the model found none. */
async function draw(journey: Journey, sample: Sample): Promise<{ x1: number; y1: number; x2: number; y2: number }> {
  const { editor, page } = journey;
  const box = { x1: 200, y1: 200, x2: 320, y2: 300 };
  await editor.page.keyboard.press('d');
  await page.waitForText('Drag a box');
  const from = await page.place(sample, box.x1, box.y1);
  await page.drag(from, await page.place(sample, box.x2, box.y2));
  await poll('the drawn box', limit, async () => ((await page.boxRows()).length === 1 ? true : undefined));
  return box;
}

async function reject(journey: Journey, place: number, sample: Sample): Promise<void> {
  const { editor, page } = journey;
  await page.open(place);
  await page.waitForSample(sample);
  await editor.page.keyboard.press('r');
  await page.waitForText('Reject the predictions. Why?');
  await picture(journey, '12-reject');
  await page.press(/^Nothing here/);
  await journey.verdict(sample, 'rejected-background');
  expect(readFileSync(journey.labelFile(sample), 'utf8')).toBe('');
}
