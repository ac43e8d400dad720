import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { settingKeys, settingsSection, type SettingKey } from './ids.ts';

function read<T>(key: SettingKey, scope?: vscode.ConfigurationScope): T | undefined {
  return vscode.workspace.getConfiguration(settingsSection, scope).get<T>(key);
}

function text(key: SettingKey, scope?: vscode.ConfigurationScope): string | undefined {
  const value = read<unknown>(key, scope);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The Python that the user named, if any; `~` and `${workspaceFolder}` are understood. */
export function configuredPython(folder: vscode.WorkspaceFolder): string | undefined {
  return text(settingKeys.pythonPath, folder)
    ?.replace(/^~(?=$|[\\/])/, process.env['HOME'] ?? process.env['USERPROFILE'] ?? '~')
    .replaceAll('${workspaceFolder}', folder.uri.fsPath);
}

/** Places that were chosen for the sessions of folders which cannot be written, and so hold no settings either. */
let chosenPlaces: vscode.Memento | null = null;

const placeKey = (folder: vscode.WorkspaceFolder): string => `sessionsOf:${folder.uri.toString()}`;

/** Keeps chosen places in this memento, of all workspaces. */
export function keepPlacesIn(memento: vscode.Memento): void {
  chosenPlaces = memento;
}

/** Keeps the sessions of a folder at this place from now on, unless a setting names another one. */
export async function choosePlace(folder: vscode.WorkspaceFolder, parent: string): Promise<void> {
  await chosenPlaces?.update(placeKey(folder), parent);
}

/** Whether a setting names the place of the sessions: it counts more than what was chosen. */
export function isStorageSet(folder: vscode.WorkspaceFolder): boolean {
  return text(settingKeys.storageFolder, folder) !== undefined;
}

/**
 * The folder that holds `.active-learning`: the one that a setting names, otherwise the one that was chosen for a workspace
 * folder which cannot be written, otherwise the workspace folder.
 */
export function storageParent(folder: vscode.WorkspaceFolder): string {
  const named = text(settingKeys.storageFolder, folder);
  if (named === undefined) return chosenPlaces?.get<string>(placeKey(folder)) ?? folder.uri.fsPath;
  return isAbsolute(named) ? named : join(folder.uri.fsPath, named);
}

/** Whether base weights may be downloaded without asking each time. */
export function downloadsAllowed(folder: vscode.WorkspaceFolder): boolean {
  return read<boolean>(settingKeys.allowDownload, folder) === true;
}

/** What new sessions start with, where it differs from the product's own defaults. Values are checked later. */
export function sessionDefaults(folder: vscode.WorkspaceFolder): Readonly<Record<string, unknown>> {
  return {
    baseModel: text(settingKeys.baseModel, folder),
    epochs: read<number>(settingKeys.epochs, folder),
    imageSize: read<number>(settingKeys.imageSize, folder),
    maxSamplesPerIteration: read<number>(settingKeys.samplesPerIteration, folder),
    maxIterations: read<number>(settingKeys.maxIterations, folder),
  };
}
