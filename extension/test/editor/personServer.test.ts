import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../../scripts/lib/build.ts';
import { startPersonServer } from '../../../scripts/lib/editor/server.ts';
import { missingForEditor, openPage } from './support/page.ts';
import { productFolder } from './support/productFolder.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`The editor of "npm start" is not tested. ${missing}`);

describe.skipIf(missing !== null)('the editor that "npm start" opens', { timeout: 300_000 }, () => {
  let home = '';

  beforeAll(async () => {
    await ensureBuilt();
    home = realpathSync(mkdtempSync(join(tmpdir(), 'al person ')));
  }, 300_000);
  afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

  it('lets nobody else in, and has the extension of the checkout, also the second time', async () => {
    const workspace = join(home, 'work space');
    mkdirSync(workspace);
    const keys = new Set<string | null>();
    for (const round of [1, 2]) {
      const options = { workspace, extensionFolder: productFolder, port: 0, home: join(home, 'person') };
      const server = await startPersonServer(options);
      const testPage = await openPage();
      try {
        // The key is in no list of processes.
        const key = new URL(server.url).searchParams.get('tkn');
        keys.add(key);
        expect(key).toMatch(/^[0-9a-f]{40}$/);
        expect(statSync(join(home, 'person', 'token')).mode & 0o077).toBe(0);
        const answers = ['/', `/?folder=${encodeURIComponent(workspace)}`, '/?tkn=guessed'];
        for (const path of answers) expect((await fetch(server.origin + path)).status, path).toBe(403);
        const asked = server.processes().map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        expect(asked.filter((line) => line.includes(key ?? ''))).toEqual([]);
        const { page } = testPage;
        await page.goto(server.url, { waitUntil: 'commit' });
        // The answer is kept in the browser, and this is a new one each time.
        await page
          .locator('.monaco-dialog-box')
          .getByRole('button', { name: /^Yes, I trust/ })
          .click();
        await page.locator('.activitybar').getByRole('tab', { name: 'Active Learning' }).first().click();
        await page.locator('.welcome-view-content', { hasText: 'No dataset found' }).waitFor();
      } finally {
        await testPage.close();
        await server.stop();
      }
      expect(server.processes(), `round ${round}`).toEqual([]);
    }
    // A page that is open works on after a restart.
    expect(keys.size).toBe(1);
  });
});
