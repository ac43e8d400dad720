import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import type { ExtensionHost } from '../../extension/test/editor/support/evaluator.ts';
import { findWebview } from '../../extension/test/editor/support/parts.ts';
import { untilKnown } from './pageMeter.ts';

/** Lets the key A run the command of the empty page. Call before the window opens. */
export function bindKey(userDataFolder: string): void {
  const bindings = [{ key: 'a', command: 'bench.key', when: "activeWebviewPanelId == 'bench.empty'" }];
  writeFileSync(join(userDataFolder, 'User', 'keybindings.json'), JSON.stringify(bindings));
}

/**
 * Opens an empty page of VS Code: A runs a command of the extension host, which sends a message, and the page draws a frame.
 * With `rounds` 1, the page first asks the host again, as for a verdict.
 */
export async function openEmptyWebview(page: Page, host: ExtensionHost, rounds: 0 | 1): Promise<Frame> {
  await host.run((vscode, count: number) => {
    const holder = globalThis as typeof globalThis & { benchEmpty?: { dispose(): void }[] };
    for (const one of holder.benchEmpty ?? []) one.dispose();
    const panel = vscode.window.createWebviewPanel('bench.empty', 'Empty', vscode.ViewColumn.One, {
      enableScripts: true,
    });
    panel.webview.html = `<!doctype html><body tabindex="0"><p id="empty-${count}">0</p><script>
      const api = acquireVsCodeApi();
      const mark = document.querySelector('p');
      let down = 0;
      window.times = [];
      addEventListener('keydown', (event) => { down = event.timeStamp; }, true);
      addEventListener('message', ({ data }) => {
        if (data.left > 0) return api.postMessage('ask');
        mark.textContent = String(Number(mark.textContent) + 1);
        requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - down)));
      });
    </script></body>`;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- VS Code's own function takes none.
    const send = (left: number): void => void panel.webview.postMessage({ left });
    holder.benchEmpty = [
      panel,
      vscode.commands.registerCommand('bench.key', () => send(count)),
      panel.webview.onDidReceiveMessage(() => send(0)),
    ];
  }, rounds);
  const frame = await findWebview(page, `#empty-${rounds}`);
  await frame.locator('body').click();
  return frame;
}

/** Milliseconds from the key to the frame. */
export async function timeEmptyKey(page: Page, frame: Frame): Promise<number> {
  const known = Number(await frame.evaluate('window.times.length'));
  await page.keyboard.press('a');
  return Number(await untilKnown(frame, `window.times.length > ${known} ? window.times.at(-1) : null`));
}
