import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../../../scripts/lib/editor/processes.ts';
import { rowOf } from '../../support/fakePorts.ts';
import type { Editor } from '../support/editor.ts';
import type { ExtensionHost } from '../support/evaluator.ts';
import { missingForEditor } from '../support/page.ts';
import { findWebview, waitForPicture, waitForText } from '../support/parts.ts';
import { appearLimit, poll } from '../support/poll.ts';
import { sharedEditor } from '../support/sharedEditor.ts';
import { makeSpotWorkspace, unsureSpot, type SpotWorkspace } from '../support/spotWorkspace.ts';
import { makeStagedTrainer, type StagedTrainer } from '../support/stagedTrainer.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests of two windows in a real editor are skipped. ${missing}`);

const pictures = ['p0', 'p1', 'p2', 'p3', 'p4'];

const reviewOf = (editor: Editor): Promise<Frame> => findWebview(editor.page, '.review canvas');

async function untilRow(editor: Editor, row: string): Promise<void> {
  await editor.tree(/Sessions/).waitForLines(row, (lines) => lines.some((line) => line.endsWith(row)));
}

describe.skipIf(missing !== null)('two windows on one workspace', { timeout: 600_000 }, () => {
  let trainer: StagedTrainer;
  let workspace: SpotWorkspace;
  let second: Editor;
  let firstHost: ExtensionHost;
  const shared = sharedEditor('windows', async (home) => {
    trainer = makeStagedTrainer(home);
    workspace = await makeSpotWorkspace({
      folder: join(home, 'work space'),
      session: 'Spots',
      pool: Object.fromEntries(pictures.map((name, n) => [name, [{ ...unsureSpot, column: n }]])),
      reviewing: true,
      settings: { epochs: 3 },
      python: trainer.python,
    });
    return { workspace: workspace.folder };
  });

  beforeAll(async () => {
    if (missing !== null) return;
    firstHost = await shared.evaluator.host();
    second = await shared.editor.openWindow();
    for (const editor of [shared.editor, second]) await editor.openViewContainer('Active Learning');
  }, 300_000);
  afterAll(async () => second?.closeWindow());

  it('show a verdict of the other one within seconds', async () => {
    for (const editor of [shared.editor, second]) await editor.runCommand('Active Learning: Review Samples');
    const first = await reviewOf(shared.editor);
    const other = await reviewOf(second);
    await waitForText(first, '1 of 5');
    await waitForText(other, '1 of 5');
    await waitForPicture(first);
    await first.locator('#root').press('a');
    await waitForText(first, '2 of 5');
    await untilRow(second, 'Reviewed 1/5: 1 accepted');
    await waitForText(other, '4 left');
    expect((await workspace.samples()).map(({ verdict }) => verdict)).toEqual(['accepted', null, null, null, null]);
  });

  it('never lose a verdict: of two at once the first counts, and the other window is told', async () => {
    const first = await reviewOf(shared.editor);
    const other = await reviewOf(second);
    let told = 0;
    for (let place = 2; place <= pictures.length; place++) {
      await first
        .locator('.queue-strip .chip')
        .nth(place - 1)
        .click();
      await other
        .locator('.queue-strip .chip')
        .nth(place - 1)
        .click();
      for (const page of [first, other]) {
        await waitForText(page, `${place} of 5`);
        await waitForPicture(page);
      }
      await Promise.all([first.locator('#root').press('a'), other.locator('#root').press('b')]);
      const sample = await poll('the verdict', appearLimit, async () => {
        const found = (await workspace.samples())[place - 1];
        return found?.verdict == null ? undefined : found;
      });
      // Both pages end in the same truth, whoever was first.
      await waitForText(first, `${pictures.length - place} left`);
      await waitForText(other, `${pictures.length - place} left`);
      const names = pictures
        .map((name) => [name, workspace.labelOf(name)] as const)
        .filter(([, text]) => text !== null);
      expect(names).toHaveLength(place);
      const [chosen] = (await workspace.samples()).filter(({ id }) => id === sample.id);
      const text = names.map(([, label]) => label);
      expect(text.filter((label) => label === '')).toHaveLength(
        (await workspace.samples()).filter(({ verdict }) => verdict === 'rejected-background').length,
      );
      expect(['accepted', 'rejected-background']).toContain(chosen?.verdict);
      for (const page of [first, other]) {
        if (!(await page.locator('#root').innerText()).includes('Another window was faster')) continue;
        told += 1;
        if (told === 1) await (page === first ? shared.editor : second).screenshot('windows-told');
        await page.getByRole('button', { name: 'Dismiss' }).click();
      }
    }
    expect(told).toBeGreaterThan(0);
    const accepted = (await workspace.samples()).filter(({ verdict }) => verdict === 'accepted').length;
    const boxes = pictures.map((name, n) => [workspace.labelOf(name), `${rowOf({ ...unsureSpot, column: n })}\n`]);
    expect(boxes.filter(([label, row]) => label === row)).toHaveLength(accepted);
  });

  it('train once: the second window says who trains, follows it, and takes it over when the first closes', async () => {
    trainer.allow(1);
    await shared.editor.runCommand('Active Learning: Finish Review');
    await shared.editor.notifications.press('Finished the review', 'Train Next Iteration');
    await untilRow(second, 'Iteration 2: training in another window');
    await second.runCommand('Active Learning: Train Next Iteration');
    const { message } = await second.notifications.waitFor('Another training is running');
    expect(message).toContain(`Process ${firstHost.pid}`);
    await second.runCommand('Active Learning: Show Metrics');
    const metrics = await findWebview(second.page, '#root :text("1 of 3 epochs complete")');
    trainer.allow(2);
    await waitForText(metrics, '2 of 3 epochs complete');
    await second.screenshot('windows-training');
    await second.waitForStatus('iteration 2: training in another window');

    await shared.editor.page.goto('about:blank');
    await poll('the end of the first window', appearLimit, async () => (isAlive(firstHost.pid) ? undefined : true));
    await second.waitForStatus('iteration 2: Training 66 %');
    trainer.allow(3);
    await waitForText(metrics, 'Training finished, 3 epochs');
    // Nothing is left in the pool.
    await second.notifications.waitFor('iteration 2 is complete');
    expect(second.consoleErrors()).toEqual([]);
  });
});
