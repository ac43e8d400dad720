import { ensureChromium } from './chromium.ts';
import { ensureCodeServer } from './codeServer.ts';

/**
 * What a real editor in a browser needs: Chromium and code-server.
 * @throws EditorUnavailable with sentences on what to do.
 */
export async function ensureEditor(): Promise<void> {
  await ensureChromium();
  await ensureCodeServer();
}
