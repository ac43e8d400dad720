import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { missingForEditor } from '../support/page.ts';
import { findWebview } from '../support/parts.ts';
import { appearLimit, poll } from '../support/poll.ts';
import { sharedEditor } from '../support/sharedEditor.ts';
import { makeSpotWorkspace, sureSpot, unsureSpot, type SpotWorkspace } from '../support/spotWorkspace.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests of the grid in a real editor are skipped. ${missing}`);

describe.skipIf(missing !== null)('the grid of images in a real window', { timeout: 600_000 }, () => {
  let workspace: SpotWorkspace;
  let grid: Frame;
  const shared = sharedEditor('grid', async (home) => {
    workspace = await makeSpotWorkspace({
      folder: join(home, 'work space #1'),
      session: 'Spots',
      pool: { p0: [sureSpot], p1: [unsureSpot], p2: [sureSpot, unsureSpot], p3: [] },
      reviewing: true,
    });
    return { workspace: workspace.folder };
  });
  const keys = async (...chords: string[]): Promise<void> => {
    for (const chord of chords) await shared.editor.page.keyboard.press(chord);
  };
  const cells = (): Promise<(string | null)[]> =>
    grid.locator('.cell').evaluateAll((all) => all.map((cell) => cell.getAttribute('aria-label')));
  const until = (what: string, right: (labels: readonly (string | null)[]) => boolean): Promise<unknown> =>
    poll(what, appearLimit, async () => (right(await cells()) ? true : undefined));

  it('opens with thumbnails that the page loads, and takes the first key', async () => {
    await shared.editor.runCommand('Active Learning: Browse Images');
    grid = await findWebview(shared.editor.page, '[role="grid"] .cell');
    await until('the pool', (labels) => labels.length === 4);
    await poll('the thumbnails', appearLimit, async () => {
      const loaded = await grid
        .locator('.cell img')
        .evaluateAll(
          (all: { complete: boolean; naturalWidth: number }[]) =>
            all.filter(({ complete, naturalWidth }) => complete && naturalWidth === 64).length,
        );
      return loaded === 4 ? true : undefined;
    });
    await keys('End');
    await poll('the focus', appearLimit, async () =>
      (await grid.locator('.cell:focus').getAttribute('data-place')) === '3' ? true : undefined,
    );
    expect(await cells()).toHaveLength(4);
  });

  it('gives all chosen images a verdict by one key, and takes them back by one', async () => {
    await keys('Control+a', 'b');
    await until('the verdicts', (labels) => labels.every((label) => label?.includes('nothing here') === true));
    expect(['p0', 'p1', 'p2', 'p3'].map((name) => workspace.labelOf(name))).toEqual(['', '', '', '']);
    await keys('u');
    await until('the undo', (labels) => labels.every((label) => label?.includes('not labelled') === true));
    expect(['p0', 'p1', 'p2', 'p3'].map((name) => workspace.labelOf(name))).toEqual([null, null, null, null]);
  });

  it('opens an image of the batch in the review, and is where it was afterwards', async () => {
    await keys('Escape', 'Home', 'ArrowRight');
    const name = await grid.locator('.cell:focus .name').innerText();
    await keys('Enter');
    const review = await findWebview(shared.editor.page, '.review canvas');
    await poll('the image', appearLimit, async () =>
      (await review.locator('.path .file').innerText()) === name ? true : undefined,
    );
    await keys('Control+PageUp');
    grid = await findWebview(shared.editor.page, '[role="grid"] .cell');
    const place = await poll('the place', appearLimit, async () => {
      const now = await grid.locator('.cell[tabindex="0"]').getAttribute('data-place');
      return now === '0' ? undefined : now;
    });
    expect(place).toBe('1');
  });
});
