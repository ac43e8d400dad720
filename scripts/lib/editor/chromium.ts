import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installDebianPackages } from '../debian.ts';
import { EditorUnavailable } from './editorError.ts';

const commands = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
  'msedge',
];

function usualPlaces(): string[] {
  if (process.platform === 'darwin') {
    const apps = [
      'Google Chrome.app/Contents/MacOS/Google Chrome',
      'Chromium.app/Contents/MacOS/Chromium',
      'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ];
    const folders = ['/Applications', join(process.env['HOME'] ?? '/', 'Applications')];
    return folders.flatMap((folder) => apps.map((app) => join(folder, app)));
  }
  if (process.platform === 'win32') {
    const programs = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];
    const folders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => process.env[name] ?? []);
    return folders.flatMap((folder) => programs.map((program) => join(folder, program)));
  }
  return ['/usr/lib/chromium/chromium', '/opt/google/chrome/chrome', '/opt/microsoft/msedge/msedge'];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

interface Reporting {
  /** Receives one line for each thing done. */
  readonly report?: (line: string) => void;
}

/** The path of a Chromium, Chrome or Edge, or null. A snap is left out: it cannot see temporary folders. */
export function findChromium(): string | null {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const onPath = commands.flatMap((command) => folders.map((folder) => join(folder, command + suffix)));
  return [...onPath, ...usualPlaces()].find((path) => !path.startsWith('/snap/') && isProgram(path)) ?? null;
}

/**
 * A browser for the tests; Debian's own Chromium is installed if that needs no question.
 * @throws EditorUnavailable with one sentence on what to install.
 */
export async function ensureChromium({ report = console.log }: Reporting = {}): Promise<string> {
  const found = findChromium();
  if (found) return found;
  const reason = 'The tests in a real editor need Chromium, Chrome or Edge, and none was found.';
  const advice = await installDebianPackages(['chromium', 'fonts-dejavu-core']);
  if (advice !== null) throw new EditorUnavailable(reason, advice);
  const installed = findChromium();
  if (!installed) throw new EditorUnavailable(reason, 'Install Chromium and try again.');
  report(`Chromium is installed at ${installed}.`);
  return installed;
}
