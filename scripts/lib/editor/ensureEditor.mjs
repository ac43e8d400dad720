import { ensureChromium } from './chromium.mjs';
import { ensureCodeServer } from './codeServer.mjs';

/**
 * What a real editor in a browser needs: Chromium and code-server.
 * @throws EditorUnavailable with sentences on what to do.
 */
export async function ensureEditor() {
  await ensureChromium();
  await ensureCodeServer();
}
