import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../../scripts/lib/editor/processes.ts';
import { startPersonServer } from '../../../scripts/lib/editor/server.ts';
import { withEditor } from './support/editor.ts';
import { runHostTests } from './support/hostRunner.ts';
import { missingForEditor, openPage } from './support/page.ts';
import { findWebview } from './support/parts.ts';
import { appearLimit, poll } from './support/poll.ts';
import { makeProbeExtension, type ProbeExtension } from './support/probeExtension.ts';
import { QuickInput } from './support/quickInput.ts';

const missing = missingForEditor();
if (missing !== null) console.log(`Tests in a real editor are skipped. ${missing}`);

describe.skipIf(missing !== null)('the harness for a real VS Code', { timeout: 600_000 }, () => {
  let probe: ProbeExtension;

  beforeAll(() => {
    probe = makeProbeExtension();
  });

  afterAll(() => probe.remove());

  function events(kind: string): { kind: string; host: number; pid?: number; run?: string }[] {
    const file = join(probe.workspace, 'events.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line)).filter((event) => event.kind === kind);
  }

  it('returns 0 from tests in the extension host that pass, with what they printed', async () => {
    const result = await runHostTests({ ...probe, testsBundle: probe.passingTests });
    expect(result.log.join('\n')).toContain('the passing tests run');
    expect(result.exitCode).toBe(0);
  });

  it('returns 1 from tests that fail, with the message', async () => {
    const result = await runHostTests({ ...probe, testsBundle: probe.failingTests });
    expect(result.log.join('\n')).toContain('the failing tests fail');
    expect(result.exitCode).toBe(1);
  });

  it('drives the palette, inputs, toasts, a tree, a webview and themes', async () => {
    await withEditor('probe', probe, async (editor) => {
      const { quickInput, notifications } = editor;
      await editor.runCommand('Harness: Ask');
      await quickInput.waitFor('Colour');
      expect(await quickInput.rows()).toEqual([
        { label: 'Red', description: 'warm', detail: '', checked: null },
        { label: 'Blue', description: 'cold', detail: 'like the sea', checked: null },
      ]);
      await quickInput.pick('Blue');
      await quickInput.waitFor('Count');
      await quickInput.fill('many');
      await poll(
        'the validation',
        appearLimit,
        async () => (await quickInput.message()).includes('Not a number') || undefined,
      );
      await quickInput.fill('7');
      await poll(
        'no complaint',
        appearLimit,
        async () => !(await quickInput.message()).includes('Not a number') || undefined,
      );
      await quickInput.accept();
      expect(await notifications.waitFor('Chosen')).toMatchObject({ severity: 'warning', message: 'Chosen: Blue 7' });

      await editor.openViewContainer('Harness Probe');
      const tree = editor.tree(/Harness/);
      await tree.expand('Branch');
      await tree.row('Leaf');
      expect(await tree.rows()).toMatchObject([
        { label: 'Branch', description: 'one leaf', level: 1, expanded: true },
        { label: 'Leaf', level: 2, expanded: null },
      ]);

      await editor.runCommand('Harness: Open Panel');
      await (await editor.webview('#probe-button')).click('#probe-button');
      expect(await notifications.waitFor('pressed 1 times')).toMatchObject({ severity: 'info', buttons: ['Good'] });
      // The name of the extension: VS Code knows whose code it is that speaks.
      const toast = editor.page.locator('.notifications-toasts .notification-list-item', {
        hasText: 'pressed 1 times',
      });
      expect(await toast.locator('.notification-list-item-source').textContent()).toBe('Source: harness-probe');
      await notifications.press('pressed 1 times', 'Good');

      const background = async (): Promise<unknown> =>
        (await editor.webview('#probe-button')).evaluate(
          "getComputedStyle(document.documentElement).getPropertyValue('--vscode-editor-background')",
        );
      const seen = new Set<unknown>();
      for (const theme of ['light', 'dark', 'highContrast'] as const) {
        await editor.setTheme(theme);
        await poll('a new background', appearLimit, async () => !seen.has(await background()) || undefined);
        seen.add(await background());
        expect(existsSync(await editor.screenshot(`harness-${theme}`))).toBe(true);
      }
      await editor.setSize('narrow');
      await editor.screenshot('harness-narrow');
      expect(editor.consoleErrors()).toEqual([]);
    });
  });

  it('reloads: the panel comes back with its state, and a background task keeps its process', async () => {
    let pid = 0;
    await withEditor('reload', probe, async (editor) => {
      await editor.runCommand('Harness: Open Panel');
      await (await editor.webview('#probe-button')).click('#probe-button');
      await editor.runCommand('Harness: Start Task');
      const started = await poll('the task', appearLimit, async () => events('process')[0]);
      pid = started.pid ?? 0;
      expect(pid).toBeGreaterThan(0);

      await editor.reloadWindow();
      const host = await poll('the new extension host', 120_000, async () =>
        events('activated').find((event) => event.host !== started.host),
      );
      expect(isAlive(pid)).toBe(true);
      const panel = await editor.webview('#probe-button');
      expect(await panel.locator('#probe-button').innerText()).toBe('Pressed 1');

      // VS Code gives extensions five seconds from the reload to name their tasks again. Where the machine is too busy
      // for that the task runs on unattached; whenever it is attached, it must be the same process.
      await editor.page.waitForTimeout(8000);
      if (!events('process').some((event) => event.host === host.host)) {
        console.log('The machine is too busy for VS Code to attach the task again in time.');
      }
      expect(events('process').every((event) => event.pid === pid && event.run === 'r1')).toBe(true);
      expect(isAlive(pid)).toBe(true);
    });
    expect(isAlive(pid)).toBe(false);
  });

  it('serves a person alone, with the extension installed live, also the second time', async () => {
    const home = join(probe.workspace, '..', 'person');
    const keys = new Set<string | null>();
    for (const round of [1, 2]) {
      const server = await startPersonServer({ ...probe, port: 0, home });
      const testPage = await openPage();
      try {
        // Nobody else on this machine gets in, and the key is in no list of processes.
        const key = new URL(server.url).searchParams.get('tkn');
        keys.add(key);
        expect(key).toMatch(/^[0-9a-f]{40}$/);
        expect(statSync(join(home, 'token')).mode & 0o077).toBe(0);
        const answers = ['/', `/?folder=${encodeURIComponent(probe.workspace)}`, '/?tkn=guessed'];
        for (const path of answers) expect((await fetch(server.origin + path)).status, path).toBe(403);
        const asked = server.processes().map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        expect(asked.filter((line) => line.includes(key ?? ''))).toEqual([]);
        await testPage.page.goto(server.url, { waitUntil: 'commit' });
        // The answer is kept in the browser, and this is a new one each time.
        await testPage.page
          .locator('.monaco-dialog-box')
          .getByRole('button', { name: /^Yes, I trust/ })
          .click();
        const quickInput = new QuickInput(testPage.page);
        await quickInput.runCommand('Harness: Open Panel');
        await findWebview(testPage.page, '#probe-button');
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
