import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from '../support/fakePorts.ts';
import { waitForWorkbench } from './support/editor.ts';
import { missingForEditor } from './support/page.ts';
import { poll } from './support/poll.ts';
import { sharedEditor } from './support/sharedEditor.ts';
import { makeStagedTrainer, type StagedTrainer } from './support/stagedTrainer.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests of a second window in a real editor are skipped. ${missing}`);

const limit = 300_000;
/** Of one step. */
const stepLimit = 60_000;
const epochs = 6;
const spot: PaintedObject = { column: 2, row: 2, classId: 0, brightness: 200 };

describe.skipIf(missing !== null)('a training in two windows', () => {
  let folder = '';
  let staged: StagedTrainer;
  const shared = sharedEditor('second-window', async (home) => {
    folder = home;
    staged = makeStagedTrainer(folder);
    mkdirSync(join(folder, '.vscode'));
    const settings = { 'activeLearning.python.path': staged.python };
    writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings));
    const labelled = { spots: [spot], label: `${rowOf(spot)}\n` };
    const known = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, labelled]));
    const path = await makePaintedDataset(folder, { ...known, f: { spots: [spot] }, g: { spots: [] } });
    const { ports, workspace } = await openFakePorts(folder);
    const session = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, epochs };
    await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, session);
    await workspace.close();
    return { workspace: folder };
  });

  function events(kind: string): unknown[] {
    const runs = join(folder, '.active-learning', 'runs');
    return readdirSync(runs, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('events.jsonl'))
      .flatMap((name) => readFileSync(join(runs, name), 'utf8').split('\n').slice(0, -1))
      .map((line) => JSON.parse(line) as { kind: string })
      .filter((event) => event.kind === kind);
  }

  it('goes on in the refreshed page, and in a second window that takes it over', { timeout: limit }, async () => {
    const { editor } = shared;
    await editor.openViewContainer('Active Learning');
    await editor.tree(/Sessions/).row('Spots');
    staged.allow(2);
    await editor.runCommand('Active Learning: Train Next Iteration');
    await poll('two epochs', stepLimit, async () => (events('epoch').length === 2 ? true : undefined));

    await editor.page.reload();
    await waitForWorkbench(editor.page);
    const isTraining = async (): Promise<boolean> =>
      (await editor.statusItems()).some((text) => text.includes('iteration 1: Training 33'));
    await poll('the training in the refreshed page', stepLimit, async () => ((await isTraining()) ? true : undefined));

    const second = await editor.openWindow();
    try {
      const there = second.notifications;
      const tree = second.tree(/Sessions/);
      await second.openViewContainer('Active Learning');
      expect(await there.waitFor('is running iteration', stepLimit)).toMatchObject({
        severity: 'info',
        buttons: ['Take Over'],
      });
      await poll('the tree of the second window', stepLimit, async () =>
        (await tree.rows()).some(({ description }) => description.includes('in another window')) ? true : undefined,
      );
      await second.screenshot('second-window-elsewhere');
      await there.press('is running iteration', 'Take Over');
      await editor.notifications.waitFor('Another window has taken over', stepLimit);
      await poll('the first window to follow', stepLimit, async () => ((await isTraining()) ? undefined : true));
      await editor.screenshot('second-window-first');
      await poll('the second window to train', stepLimit, async () =>
        (await tree.rows()).some(({ description }) => description.includes('Training 33')) ? true : undefined,
      );
      await second.screenshot('second-window-taken');
      expect(events('finished')).toEqual([]);

      staged.allow(epochs);
      await there.waitFor('are ready for review', stepLimit);
      // The first window tells it too, and shows it.
      await editor.notifications.waitFor('are ready for review', stepLimit);
      await editor.screenshot('second-window-done');
      expect(events('started')).toHaveLength(1);
      expect(events('epoch')).toHaveLength(epochs);
    } finally {
      await second.closeWindow();
    }
  });
});
