import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { sessionDefaultKeys, settingKeys, settingsSection, type SettingKey } from './ids.ts';

function read<T>(key: SettingKey, scope?: vscode.ConfigurationScope): T | undefined {
  return vscode.workspace.getConfiguration(settingsSection, scope).get<T>(key);
}

function text(key: SettingKey, scope?: vscode.ConfigurationScope): string | undefined {
  const value = read<unknown>(key, scope);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The Python in the user's settings. Replaces `~` and `${workspaceFolder}`. */
export function configuredPython(folder: vscode.WorkspaceFolder): string | undefined {
  return text(settingKeys.pythonPath, folder)
    ?.replace(/^~(?=$|[\\/])/, process.env['HOME'] ?? process.env['USERPROFILE'] ?? '~')
    .replaceAll('${workspaceFolder}', folder.uri.fsPath);
}

/** Stores the session locations of read-only folders, which cannot store settings either. */
let chosenPlaces: vscode.Memento | null = null;

const placeKey = (folder: vscode.WorkspaceFolder): string => `sessionsOf:${folder.uri.toString()}`;

/** Sets the memento that stores session locations for all workspaces. */
export function setStorageMemory(memento: vscode.Memento): void {
  chosenPlaces = memento;
}

/** Sets the session location of a folder. A setting takes precedence. */
export async function setStorageParent(folder: vscode.WorkspaceFolder, parent: string): Promise<void> {
  await chosenPlaces?.update(placeKey(folder), parent);
}

/** Whether a setting defines the session location. It takes precedence over a chosen one. */
export function hasStorageSetting(folder: vscode.WorkspaceFolder): boolean {
  return text(settingKeys.storageFolder, folder) !== undefined;
}

/**
 * The folder that contains `.active-learning`: the one in the settings, otherwise the one that was chosen for a read-only
 * workspace folder, otherwise the workspace folder.
 */
export function storageParent(folder: vscode.WorkspaceFolder): string {
  const named = text(settingKeys.storageFolder, folder);
  if (named === undefined) return chosenPlaces?.get<string>(placeKey(folder)) ?? folder.uri.fsPath;
  return isAbsolute(named) ? named : join(folder.uri.fsPath, named);
}

/** Whether base weights may be downloaded without asking. */
export function downloadsAllowed(folder: vscode.WorkspaceFolder): boolean {
  return read<boolean>(settingKeys.allowDownload, folder) === true;
}

/** The user's defaults for new sessions. The caller validates them. */
export function sessionDefaults(folder: vscode.WorkspaceFolder): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(sessionDefaultKeys).map(([name, key]) => [name, sessionDefault(key, folder)]),
  );
}

function sessionDefault(key: SettingKey, folder: vscode.WorkspaceFolder): unknown {
  const value = read<unknown>(key, folder);
  return typeof value === 'string' ? text(key, folder) : value;
}
