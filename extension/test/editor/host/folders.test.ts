import type * as Fs from 'node:fs';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as V8 from 'node:v8';
import { describe, expect, it } from 'vitest';
import { countObjects } from '../support/heap.ts';
import type { ExtensionHost } from '../support/evaluator.ts';
import { missingForEditor } from '../support/page.ts';
import { findWebview, waitForPicture, waitForText } from '../support/parts.ts';
import { appearLimit, poll } from '../support/poll.ts';
import { sharedEditor } from '../support/sharedEditor.ts';
import { makeSpotWorkspace, type SpotWorkspace } from '../support/spotWorkspace.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests of a workspace with two folders are skipped. ${missing}`);

/** What the extension host holds on to, apart from memory. */
interface Holdings {
  readonly handles: Readonly<Record<string, number>>;
  readonly threads: number;
  readonly children: readonly string[];
}

describe.skipIf(missing !== null)('a workspace of two folders', { timeout: 600_000 }, () => {
  let left: SpotWorkspace;
  let right: SpotWorkspace;
  let host: ExtensionHost;
  const shared = sharedEditor('folders', async (home) => {
    left = await makeSpotWorkspace({ folder: join(home, 'left'), session: 'Screws', reviewing: true });
    right = await makeSpotWorkspace({ folder: join(home, 'right'), session: 'Nuts', reviewing: true });
    const workspace = join(home, 'both.code-workspace');
    writeFileSync(workspace, JSON.stringify({ folders: [{ path: 'left' }, { path: 'right' }] }));
    return { workspace };
  });
  const tree = () => shared.editor.tree(/Sessions/);
  const titles = (...wanted: string[]): Promise<true> =>
    poll(`the editors ${wanted.join(', ')}`, appearLimit, async () =>
      (await shared.editor.editorTitles()).join() === wanted.join() ? true : undefined,
    );

  /** Counted once it is calm: closing takes its time, and the process that reads datasets ends a while after its last use. */
  async function holdings(): Promise<Holdings> {
    let before = '';
    return poll(
      'a calm extension host',
      appearLimit,
      async () => {
        const now = await look();
        const text = JSON.stringify(now);
        const calm = text === before && !text.includes('datasetReader');
        before = text;
        return calm ? now : undefined;
      },
      1500,
    );
  }

  async function look(): Promise<Holdings> {
    return host.run((_vscode, _argument, require) => {
      const fs = require('node:fs') as typeof Fs;
      const handles: Record<string, number> = {};
      for (const name of process.getActiveResourcesInfo()) {
        // Timers come and go with every poll.
        if (name !== 'Timeout' && name !== 'Immediate') handles[name] = (handles[name] ?? 0) + 1;
      }
      const tasks = fs.readdirSync('/proc/self/task');
      const children = tasks.flatMap((task) =>
        fs.readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '),
      );
      // By their command, so that a failure says which one it is.
      const commands = children
        .filter((pid) => pid !== '')
        .map((pid) => `${pid} ${fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1]}`);
      return { handles, threads: tasks.length, children: commands.toSorted() };
    }, null);
  }

  it('shows the sessions below their folders, and asks where a command is meant', async () => {
    const { editor } = shared;
    host = await shared.evaluator.host();
    await editor.openViewContainer('Active Learning');
    await tree().row('Nuts');
    expect((await tree().lines()).filter((line) => !line.startsWith('      '))).toEqual([
      'root-folder left',
      '  checklist Screws: 3 to review · iteration 1 of 10',
      expect.stringContaining('    checklist Iteration 1: to review'),
      'root-folder right',
      '  checklist Nuts: 3 to review · iteration 1 of 10',
      expect.stringContaining('    checklist Iteration 1: to review'),
    ]);
    await editor.runCommand('Active Learning: Review Samples');
    await editor.quickInput.waitFor('Select a session');
    expect(await editor.quickInput.rows()).toMatchObject([
      { label: 'Nuts', description: 'right' },
      { label: 'Screws', description: 'left' },
    ]);
    await editor.quickInput.pick('Nuts');
    const nuts = await findWebview(editor.page, '.review canvas');
    await waitForText(nuts, 'Nuts · Iteration 1');
    await waitForPicture(nuts);
    await nuts.locator('#root').press('a');
    await waitForText(nuts, '2 left');
    await tree().pressInline('Screws', 'Review Samples');
    await titles('Review: Nuts', 'Review: Screws');
    expect((await right.samples()).map(({ verdict }) => verdict)).toEqual(['accepted', null, null]);
    expect((await left.samples()).every(({ verdict }) => verdict === null)).toBe(true);
    await tree().waitForLines(
      'the verdict',
      (lines) => lines.filter((line) => line.includes('Reviewed 1/3')).length === 1,
    );
    await editor.screenshot('folders-two');
  });

  it.skipIf(process.platform !== 'linux')('holds on to nothing of closed panels', async () => {
    const { editor } = shared;
    const open = async (): Promise<void> => {
      await tree().pressInline('Screws', 'Review Samples');
      await findWebview(editor.page, '.review canvas');
      await tree().chooseInMenu(editor.page, 'Nuts', 'Show Metrics');
      await findWebview(editor.page, '#root .main');
      await editor.runCommand('View: Close All Editors');
      await titles();
    };
    await editor.runCommand('View: Close All Editors');
    await titles();
    await open();
    const before = await holdings();
    // One thing that is kept each time is enough to differ.
    for (let round = 0; round < 6; round++) await open();
    for (let n = 0; n < 50; n++) {
      await host.run((vscode) => vscode.commands.executeCommand('activeLearning.view.refresh').then(() => null), null);
    }
    expect(await holdings()).toEqual(before);
    const snapshot = join(shared.home, 'heap.json');
    await host.run((_vscode, file, require) => {
      const v8 = require('node:v8') as typeof V8;
      return v8.writeHeapSnapshot(file);
    }, snapshot);
    const names = ['ReviewController', 'MetricsController', 'PanelPage', 'SessionTree'];
    const counts = countObjects(readFileSync(snapshot, 'utf8'), names);
    rmSync(snapshot);
    console.log(JSON.stringify({ before, counts }));
    // The one tree shows that objects are found at all.
    expect(counts).toEqual({ ReviewController: 0, MetricsController: 0, PanelPage: 0, SessionTree: 1 });
  });

  it('forgets a folder that leaves the workspace, with its panels', async () => {
    const { editor } = shared;
    await tree().pressInline('Nuts', 'Review Samples');
    await tree().pressInline('Screws', 'Review Samples');
    await titles('Review: Nuts', 'Review: Screws');
    await host.run((vscode) => vscode.workspace.updateWorkspaceFolders(1, 1), null);
    await titles('Review: Screws');
    await tree().waitForLines('one folder', (lines) => lines[0]?.startsWith('checklist Screws') === true);
    // Its database is closed: nothing of it is held open.
    const open = await host.run((_vscode, folder, require) => {
      const fs = require('node:fs') as typeof Fs;
      if (process.platform !== 'linux') return [];
      return fs.readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
          return path.startsWith(folder) ? [path] : [];
        } catch {
          return [];
        }
      });
    }, right.folder);
    expect(open).toEqual([]);
    expect(editor.consoleErrors()).toEqual([]);
  });
});
