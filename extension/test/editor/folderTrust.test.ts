import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ensureBuilt } from '../../../scripts/lib/build.ts';
import { makeReviewWorkspace } from '../support/reviewWorkspace.ts';
import { asSomebodyElse } from '../support/somebodyElse.ts';
import { withEditor } from './support/editor.ts';
import { missingForEditor } from './support/page.ts';
import { poll } from './support/poll.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`The question about trust in a real editor is skipped. ${missing}`);

const limit = 300_000;
const extensionFolder = join(import.meta.dirname, '..', '..', '..');

describe.skipIf(missing !== null)('sessions that came with a folder', () => {
  let home = '';
  let folder = '';

  beforeAll(async () => {
    await ensureBuilt();
  }, limit);

  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'al stranger ')));
    folder = join(home, 'clone');
    mkdirSync(folder);
  });

  afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

  it('are shown behind a question, and opened in earnest by its answer', { timeout: limit }, async () => {
    const workspace = await asSomebodyElse(home, () => makeReviewWorkspace(folder, { halfVerdict: true }));
    await withEditor('folder-trust', { workspace: folder, extensionFolder }, async (editor) => {
      const { notifications } = editor;
      await editor.openViewContainer('Active Learning');
      await editor.tree(/Sessions/).row(workspace.name);
      const question = await notifications.waitFor('came with the folder');
      expect(question).toMatchObject({ buttons: ['Trust', 'View Only'] });
      await editor.screenshot('folder-trust-question');
      expect(workspace.labelText()).toBeNull();
      await notifications.press('came with the folder', 'Trust');
      // The verdict that a dead window left half done is finished now.
      await poll('the recovery', limit, async () => workspace.labelText() ?? undefined);
      expect(workspace.labelText()).toBe(workspace.halfVerdict);
      await editor.screenshot('folder-trust-trusted');
    });
  });
});
