import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A calm editor: nothing opens by itself and nothing calls home. */
const calm = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'npm.fetchOnlinePackageInfo': false,
};

/** What makes a test the same each time. Nothing here hides behaviour of the extension. */
const steady = {
  // Reads the sockets of all processes every second or two.
  'remote.autoForwardPorts': false,
  // No extension here runs in it.
  'extensions.webWorker': false,
  'git.enabled': false,
  'git.autorefresh': false,
  'window.commandCenter': false,
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.reduceMotion': 'on',
  'editor.cursorBlinking': 'solid',
  'editor.accessibilitySupport': 'off',
  'window.autoDetectColorScheme': false,
  'window.autoDetectHighContrast': false,
  'security.workspace.trust.startupPrompt': 'never',
};

/** A new folder is asked about with a dialog, as on the desktop, instead of a thin banner. */
const forPerson = { 'security.workspace.trust.startupPrompt': 'once' };

export function settingsFile(userDataFolder: string): string {
  return join(userDataFolder, 'User', 'settings.json');
}

/** Writes the settings of a fresh test editor; what the test asks for wins. */
export function seedTestSettings(userDataFolder: string, extra: Readonly<Record<string, unknown>> = {}): void {
  mkdirSync(join(userDataFolder, 'User'), { recursive: true });
  writeFileSync(settingsFile(userDataFolder), JSON.stringify({ ...calm, ...steady, ...extra }, null, 2));
}

/** Writes the settings of a person's editor once; afterwards they are the person's own. */
export function seedPersonSettings(userDataFolder: string): void {
  const file = settingsFile(userDataFolder);
  if (existsSync(file)) return;
  mkdirSync(join(userDataFolder, 'User'), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...calm, ...forPerson }, null, 2)}\n`);
}
