import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paintObjects } from '../../support/fakePorts.ts';
import { missingForEditor } from '../support/page.ts';
import { appearLimit } from '../support/poll.ts';
import { sharedEditor } from '../support/sharedEditor.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests of the empty sidebar in a real editor are skipped. ${missing}`);

describe.skipIf(missing !== null)('the empty sidebar', { timeout: 300_000 }, () => {
  let workspace = '';
  const shared = sharedEditor('welcome', async (home) => {
    workspace = join(home, 'work space');
    mkdirSync(join(workspace, '.active-learning'), { recursive: true });
    writeFileSync(join(workspace, '.active-learning', 'sessions.db'), 'no database at all '.repeat(100));
    // Named here, since a checkout has a Python of its own.
    const settings = { 'activeLearning.python.path': join(home, 'no python') };
    mkdirSync(join(workspace, '.vscode'));
    writeFileSync(join(workspace, '.vscode', 'settings.json'), JSON.stringify(settings));
    return { workspace };
  });
  const welcome = () => shared.editor.page.locator('.welcome-view-content');
  /** The first words of each text that the view shows. */
  const texts = async (): Promise<string[]> =>
    (await welcome().locator('p').allInnerTexts()).map((text) => text.split(' ').slice(0, 4).join(' '));
  const patience = { timeout: appearLimit, interval: 200 };

  it('says that the database is damaged, with a way to try again', async () => {
    await shared.editor.openViewContainer('Active Learning');
    await expect.poll(texts, patience).toEqual(['Cannot read the sessions']);
    expect(await welcome().locator('p').innerText()).toContain('is damaged or not a valid database');
    const buttons = await welcome().locator('.monaco-button').allInnerTexts();
    expect(buttons.map((text) => text.trim())).toEqual(['Try Again', 'Show Log']);
    await shared.editor.screenshot('welcome-damaged');
  });

  it('says what else is missing once the database is out of the way', async () => {
    rmSync(join(workspace, '.active-learning', 'sessions.db'));
    await welcome().locator('.monaco-button', { hasText: 'Try Again' }).click();
    await expect.poll(texts, patience).toEqual(['No dataset found in', 'Training requires Python with']);
    await shared.editor.screenshot('welcome-nothing');
  });

  it('sees images that are moved here', async () => {
    const elsewhere = join(shared.home, 'Parts.v3i.yolov8');
    mkdirSync(join(elsewhere, 'images'), { recursive: true });
    for (const name of ['a', 'b', 'c']) await paintObjects(join(elsewhere, 'images', `${name}.png`), []);
    renameSync(elsewhere, join(workspace, 'Parts.v3i.yolov8'));
    await expect
      .poll(texts, patience)
      .toEqual(['Dataset found. Create a', 'New here? See how', 'Training requires Python with']);
  });

  it('is refreshed by the palette', async () => {
    rmSync(join(workspace, 'Parts.v3i.yolov8'), { recursive: true });
    await shared.editor.runCommand('Active Learning: Refresh');
    await expect.poll(texts, patience).toEqual(['No dataset found in', 'Training requires Python with']);
    // The broken database was shown as an error, as it should be.
    expect(shared.editor.consoleErrors([/sessions\.db/])).toEqual([]);
  });
});
