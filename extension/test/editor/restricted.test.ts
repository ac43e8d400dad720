import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../../scripts/lib/build.ts';
import { makeReviewWorkspace } from '../support/reviewWorkspace.ts';
import { withEditor } from './support/editor.ts';
import { missingForEditor } from './support/page.ts';
import { poll } from './support/poll.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests of Restricted Mode in a real editor are skipped. ${missing}`);

const limit = 300_000;
const extensionFolder = join(import.meta.dirname, '..', '..', '..');

describe.skipIf(missing !== null)('a workspace that is not trusted', () => {
  let folder = '';

  beforeAll(async () => {
    await ensureBuilt();
  }, limit);

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'al restricted ')));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  it(
    'is browsed, refuses the rest with a way out, and opens in earnest once it is trusted',
    { timeout: limit },
    async () => {
      const workspace = await makeReviewWorkspace(folder, { halfVerdict: true });
      await withEditor('restricted', { workspace: folder, extensionFolder, trust: true }, async (editor) => {
        const { notifications } = editor;
        await editor.openViewContainer('Active Learning');
        const tree = editor.tree(/Sessions/);
        await tree.row(workspace.name);
        await editor.screenshot('restricted-tree');

        await editor.runCommand('Active Learning: Train Next Iteration');
        expect(await notifications.waitFor('Restricted Mode')).toMatchObject({ buttons: ['Manage Workspace Trust'] });

        await editor.runCommand('Active Learning: Review Samples');
        const review = await editor.webview('.review');
        await poll('the reason in the panel', limit, async () =>
          (await review.locator('body').innerText()).includes('Trust this workspace to review') ? true : undefined,
        );
        await editor.screenshot('restricted-review');
        await editor.runCommand('Active Learning: Show Metrics');
        await poll('the metrics', limit, async () =>
          (await editor.editorTitles()).some((title) => title.startsWith('Metrics')) ? true : undefined,
        );
        expect(workspace.labelText()).toBeNull();
        const files = readdirSync(join(folder, '.active-learning')).filter((name) => !/-(wal|shm)$/.test(name));
        expect(files.toSorted()).toEqual(workspace.files);

        await editor.runCommand('Workspaces: Manage Workspace Trust');
        await editor.page
          .locator('.workspace-trust-editor')
          .getByRole('button', { name: 'Trust', exact: true })
          .click();
        // The verdict that a dead window left half done is finished now.
        await poll('the recovery', limit, async () => workspace.labelText() ?? undefined);
        expect(workspace.labelText()).toBe(workspace.halfVerdict);
        await editor.screenshot('restricted-trusted');
      });
    },
  );

  it('stays as it is where there is no session', { timeout: limit }, async () => {
    await withEditor('restricted-empty', { workspace: folder, extensionFolder, trust: true }, async (editor) => {
      await editor.openViewContainer('Active Learning');
      await poll('the welcome', limit, async () =>
        (await editor.page.locator('.welcome-view-content').allInnerTexts()).some((text) =>
          text.includes('Restricted Mode'),
        )
          ? true
          : undefined,
      );
      await editor.runCommand('Active Learning: New Training Session…');
      expect(await editor.notifications.waitFor('Restricted Mode')).toMatchObject({
        buttons: ['Manage Workspace Trust'],
      });
      await editor.screenshot('restricted-empty');
      expect(existsSync(join(folder, '.active-learning'))).toBe(false);
      expect(readdirSync(folder)).toEqual([]);
    });
  });
});
