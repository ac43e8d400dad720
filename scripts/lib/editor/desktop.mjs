import { existsSync } from 'node:fs';
import { windows } from '../paths.mjs';
import { output, run } from '../shell.mjs';
import { EditorUnavailable } from './editorError.mjs';

const macPlace = '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code';

/** The `code` command, or null. */
function findCode() {
  const candidates = process.platform === 'darwin' && existsSync(macPlace) ? ['code', macPlace] : ['code'];
  return candidates.find((command) => output(command, ['--version'], { shell: windows, timeout: 20_000 }) !== null);
}

/** Why a desktop window cannot open from here, as the end of a sentence; null when it can. */
function obstacle() {
  const env = process.env;
  // There, `code` talks to a window on another machine, which cannot load an extension from this one's folders.
  if (env.VSCODE_IPC_HOOK_CLI || env.SSH_CONNECTION) return 'this is a remote machine';
  if (env.WSL_DISTRO_NAME) return 'this is WSL';
  if (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  if (process.platform === 'linux' && process.getuid?.() === 0) return 'VS Code does not run as root';
  return null;
}

/**
 * Whether the desktop VS Code can be used.
 * @returns its command, or the reason why not.
 */
export function desktopCode() {
  const reason = obstacle();
  if (reason) return { command: null, reason };
  const command = findCode() ?? null;
  return { command, reason: command ? null : 'there is no "code" command on the PATH' };
}

/** On Windows the command goes through a shell, which splits at spaces. */
function quote(text) {
  return windows ? `"${text}"` : text;
}

/** Opens a folder in the desktop VS Code with the extension of `extensionFolder`; returns once the window is asked for. */
export async function openDesktop({ command, workspace, extensionFolder }) {
  const args = [quote(`--extensionDevelopmentPath=${extensionFolder}`), quote(workspace)];
  const code = await run(quote(command), args, { env: process.env, shell: windows });
  if (code !== 0) {
    throw new EditorUnavailable(
      'VS Code did not open; its message is above.',
      'Try "npm start -- --editor code-server".',
    );
  }
}
