import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, windows } from '../../begin/paths.mjs';
import { output, run } from '../../begin/shell.mjs';
import { EditorUnavailable } from './editorError.ts';

const macPlace = '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code';

/** What the choice of an editor depends on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly isRoot: boolean;
  /** The version of a `code` command, or null if none answers. */
  versionOf(command: string): string | null;
  readonly macPlaceExists: boolean;
  /** The oldest VS Code that the extension runs in, such as 1.101.0. */
  readonly minimum: string;
}

/** The command of the desktop VS Code, or null and the reason why it cannot be used. */
export interface EditorChoice {
  readonly command: string | null;
  readonly reason: string | null;
}

function thisMachine(): Machine {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { vscode: string } };
  return {
    platform: process.platform,
    env: process.env,
    isRoot: process.getuid?.() === 0,
    versionOf: (command) => output(command, ['--version'], { shell: windows, timeout: 20_000 })?.split('\n')[0] ?? null,
    macPlaceExists: existsSync(macPlace),
    minimum: manifest.engines.vscode.replace('^', ''),
  };
}

/** Why a desktop window cannot open from here, as the end of a sentence; null when it can. */
function obstacle({ platform, env, isRoot }: Machine): string | null {
  // There, `code` talks to a window on another machine, which cannot load an extension from this one's folders.
  if (env['VSCODE_IPC_HOOK_CLI'] || env['SSH_CONNECTION']) return 'this is a remote machine';
  if (env['WSL_DISTRO_NAME']) return 'this is WSL';
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'there is no display';
  if (platform === 'linux' && isRoot) return 'VS Code does not run as root';
  return null;
}

function partsOf(version: string): number[] {
  return version.split(/[.-]/).slice(0, 3).map(Number);
}

/** Whether a version such as 1.102.3 or 1.103.0-insider is not below another one. */
function isAtLeast(version: string, minimum: string): boolean {
  const [has, needs] = [partsOf(version), partsOf(minimum)];
  const differs = [0, 1, 2].find((part) => has[part] !== needs[part]);
  return differs === undefined || (has[differs] ?? 0) > (needs[differs] ?? 0);
}

/**
 * Whether the desktop VS Code can be used.
 * @returns its command, or the reason why not.
 */
export function desktopCode(machine: Machine = thisMachine()): EditorChoice {
  const reason = obstacle(machine);
  if (reason) return { command: null, reason };
  const commands = machine.platform === 'darwin' && machine.macPlaceExists ? ['code', macPlace] : ['code'];
  let old: string | null = null;
  for (const command of commands) {
    const version = machine.versionOf(command);
    if (version === null) continue;
    if (isAtLeast(version, machine.minimum)) return { command, reason: null };
    old ??= `the VS Code here is ${version}, and the extension needs ${machine.minimum} or newer`;
  }
  return { command: null, reason: old ?? 'there is no "code" command on the PATH' };
}

/**
 * The editor to open.
 * @param asked `code`, `code-server`, or nothing for the desktop if it can be used.
 * @returns the command of the desktop VS Code; without one, code-server is meant, and `reason` says why.
 * @throws EditorUnavailable when the desktop was asked for and cannot be used.
 */
export function chooseEditor(
  asked: 'code' | 'code-server' | undefined,
  machine: Machine = thisMachine(),
): EditorChoice {
  if (asked === 'code-server') return { command: null, reason: null };
  const desktop = desktopCode(machine);
  if (desktop.command || asked === undefined) return desktop;
  throw new EditorUnavailable(
    `The desktop VS Code cannot be used: ${desktop.reason}.`,
    'Try "npm start -- --editor code-server".',
  );
}

/** On Windows the command goes through a shell, which splits at spaces. */
function quote(text: string): string {
  return windows ? `"${text}"` : text;
}

interface DesktopWindow {
  readonly command: string;
  readonly workspace: string;
  readonly extensionFolder: string;
}

/** Opens a folder in the desktop VS Code with the extension of `extensionFolder`; returns once the window is asked for. */
export async function openDesktop({ command, workspace, extensionFolder }: DesktopWindow): Promise<void> {
  const args = [quote(`--extensionDevelopmentPath=${extensionFolder}`), quote(workspace)];
  const code = await run(quote(command), args, { env: process.env, shell: windows });
  if (code !== 0) {
    throw new EditorUnavailable(
      'VS Code did not open; its message is above.',
      'Try "npm start -- --editor code-server".',
    );
  }
}
