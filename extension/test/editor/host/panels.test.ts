import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { build } from 'esbuild';
import sharp from 'sharp';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builds } from '../../../../scripts/lib/build.mjs';
import { runIteration } from '../../../src/workflow/iteration/runIteration.ts';
import { createSession } from '../../../src/workflow/sessions.ts';
import { makeSpotDataset, openFakeEngine, rowOf, type Spot } from '../../support/fakeEngine.ts';
import { withEditor, type Editor } from '../support/editor.ts';
import { missingForEditor } from '../support/page.ts';
import { findWebview } from '../support/parts.ts';
import { poll } from '../support/poll.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests of the panels in a real editor are skipped. ${missing}`);

/** A busy machine takes minutes for what takes seconds. */
const limit = 240_000;
const extensionFolder = join(import.meta.dirname, '..', '..', '..', '..');
const sure: Spot = { column: 1, row: 1, classId: 0, brightness: 250 };
const unsure: Spot = { column: 4, row: 2, classId: 1, brightness: 128 };

/** A workspace whose session waits for review: three samples, the first of them a TIFF. */
async function makeWorkspace(workspace: string): Promise<void> {
  const data = join(workspace, 'data');
  const labelled = { spots: [sure], label: `${rowOf(sure)}\n` };
  const known = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, labelled]));
  const yaml = await makeSpotDataset(data, {
    ...known,
    unsure: { spots: [unsure] },
    sure: { spots: [sure] },
    empty: { spots: [] },
  });
  const png = join(data, 'images', 'train', 'unsure.png');
  await sharp(png).tiff().toFile(png.replace('.png', '.tif'));
  rmSync(png);
  const { engine, workspace: opened } = await openFakeEngine(workspace);
  const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, maxSamplesPerIteration: 3 };
  const { session } = await createSession(engine, { kind: 'yaml', path: yaml, poolFolders: [] }, settings);
  await runIteration(engine, session.id);
  await opened.close();
}

describe.skipIf(missing !== null)('the panels in a real VS Code', { timeout: 1_200_000 }, () => {
  let home = '';
  let workspace = '';
  const labelOf = (name: string): string | null => {
    const path = join(workspace, 'data', 'labels', 'train', `${name}.txt`);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  };
  const page = (editor: Editor, text: string): Promise<Frame> =>
    findWebview(editor.page, `#root :text("${text}")`, limit);
  const ready = async (editor: Editor, frame: Frame): Promise<void> => {
    await poll('the picture', limit, async () => ((await frame.locator('canvas').count()) > 0 ? true : undefined));
    await editor.page.waitForTimeout(1500);
  };

  beforeAll(async () => {
    await Promise.all(builds().map((options) => build(options)));
  }, limit);
  beforeEach(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'al panels ')));
    workspace = join(home, 'work space #1');
    mkdirSync(workspace);
    await makeWorkspace(workspace);
  }, limit);
  afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

  it('review writes verdicts, survives a reload, and shows converted pictures', async () => {
    await withEditor('panels', { extensionFolder, workspace }, async (editor) => {
      await editor.runCommand('Active Learning: Review Samples');
      const review = await page(editor, 'unsure.tif');
      await ready(editor, review);
      await editor.screenshot('panels-review');
      const previews = join(workspace, '.active-learning', 'cache', 'previews');
      expect(readdirSync(previews)).toHaveLength(1);

      await review.locator('#root').press('a');
      await poll('the verdict on disk', limit, async () => labelOf('unsure') ?? undefined);
      expect(labelOf('unsure')).toBe(`${rowOf(unsure)}\n`);
      await page(editor, '1 of 3');

      await editor.reloadWindow();
      const again = await page(editor, '1 of 3');
      await ready(editor, again);
      await editor.screenshot('panels-review-reloaded');
      expect(await editor.editorTitles()).toContain('Review: Spots');
      await editor.runCommand('Active Learning: Undo Last Verdict');
      await poll('the undo', limit, async () => (labelOf('unsure') === null ? true : undefined));

      await editor.runCommand('Active Learning: Show Metrics');
      await page(editor, 'mAP50');
      await editor.screenshot('panels-metrics');
      expect(editor.consoleErrors()).toEqual([]);
    });
  });
});
