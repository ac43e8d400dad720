import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFakePython } from '../../support/fakePython.ts';
import { missingForEditor } from '../support/page.ts';
import { findWebview, waitForPicture, waitForText } from '../support/parts.ts';
import { appearLimit } from '../support/poll.ts';
import { sharedEditor } from '../support/sharedEditor.ts';
import { makeSpotWorkspace } from '../support/spotWorkspace.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests of the walkthrough in a real editor are skipped. ${missing}`);

describe.skipIf(missing !== null)('the walkthrough in a real window', { timeout: 300_000 }, () => {
  const shared = sharedEditor('walkthrough', async (home) => {
    const workspace = join(home, 'work space');
    const python = makeFakePython(join(home, 'python', 'python3')).path;
    await makeSpotWorkspace({ folder: workspace, session: 'Spots', reviewing: true, python });
    return { workspace };
  });
  const tickedSteps = (): Promise<string[]> =>
    shared.editor.page
      .locator('[data-done-step-id].complete')
      .evaluateAll((marks) =>
        marks.map((mark) => (mark.getAttribute('data-done-step-id') ?? '').split('#').at(-1) ?? ''),
      );
  const patience = { timeout: appearLimit, interval: 200 };
  const open = async (): Promise<void> => {
    await shared.editor.runCommand('Active Learning: Get Started');
    await shared.editor.page.locator('.getting-started-step').first().waitFor({ timeout: appearLimit });
  };

  it('ticks what was done before it was first opened, and only that', async () => {
    await shared.editor.runCommand('Active Learning: Check Training Environment');
    await shared.editor.notifications.waitFor('Training is ready', appearLimit);
    await open();
    await expect.poll(tickedSteps, patience).toEqual(['environment']);
    await shared.editor.screenshot('walkthrough-environment');
  });

  it('ticks what is done while it is open', async () => {
    await shared.editor.runCommand('Active Learning: Review Samples');
    const review = await findWebview(shared.editor.page, '.review canvas');
    await waitForText(review, '1 of 3');
    await waitForPicture(review);
    await review.locator('#root').press('a');
    await waitForText(review, '2 left');
    await open();
    await expect.poll(tickedSteps, patience).toEqual(['environment', 'review']);
    await shared.editor.screenshot('walkthrough-review');
  });
});
