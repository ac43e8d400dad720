import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFakePorts } from '../../../test/support/fakePorts.ts';
import { makeReviewWorkspace, type ReviewWorkspace } from '../../../test/support/reviewWorkspace.ts';
import type { Ports } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import type { LabelEventRow } from '../ports/store/labelEvents.ts';
import { submitVerdict } from './verdicts.ts';

let folder = '';
let review: ReviewWorkspace;
let ports: Ports;
let close: () => Promise<void>;
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'collision-')));
  review = await makeReviewWorkspace(folder);
  const opened = await openFakePorts(folder);
  ports = opened.ports;
  close = () => opened.workspace.close();
});
afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Another window is in the middle of the verdict "nothing here". */
async function otherVerdict(): Promise<LabelEventRow> {
  const image = requireRow(await ports.store.images.get(review.imageId), 'image', review.imageId);
  return ports.store.labelEvents.begin({
    imageId: image.id,
    sampleId: review.sampleId,
    cause: 'verdict',
    before: null,
    after: null,
    verdictBefore: null,
    verdictAfter: 'rejected-unusable',
    stateBefore: image.state,
    stateAfter: 'unusable',
    owner: { ...ports.system.owner, nonce: 'another window' },
    undoes: null,
  });
}

test('a verdict waits for the one of another window, and does not overrule it', async () => {
  const other = await otherVerdict();
  const mine = submitVerdict(ports, review.sampleId, { verdict: 'accepted' });
  mine.catch(() => undefined);
  await tick();
  await ports.store.labelEvents.complete(other.id, { labelHash: null });
  await expect(mine).rejects.toMatchObject({
    code: 'verdict-changed',
    message: 'This sample was judged already: rejected-unusable. Another window was faster.',
  });
  expect(review.labelText()).toBeNull();
});

test('a verdict counts when the other window takes its own back', async () => {
  const other = await otherVerdict();
  const mine = submitVerdict(ports, review.sampleId, { verdict: 'accepted' });
  await tick();
  await ports.store.labelEvents.end(other.id, 'abandoned');
  expect(await mine).toMatchObject({ verdict: 'accepted' });
  expect(review.labelText()).not.toBeNull();
});

test('a window that does not get done is named', async () => {
  await otherVerdict();
  await expect(submitVerdict(ports, review.sampleId, { verdict: 'accepted' })).rejects.toMatchObject({
    code: 'image-busy',
    message: expect.stringContaining(`Process ${process.pid}`),
  });
  expect(review.labelText()).toBeNull();
});
