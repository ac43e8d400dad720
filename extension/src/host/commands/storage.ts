import * as vscode from 'vscode';
import { chooseStorage } from '../workspace/storageLocation.ts';
import { chosenFolder } from './targets.ts';
import type { CommandHandler } from './handler.ts';

/** "Choose Where Sessions Are Kept": for a folder that cannot be written, or should not be. */
export const chooseStorageCommand: CommandHandler = async (host, argument) => {
  const folder = await chosenFolder(argument);
  await chooseStorage(folder, host.context.globalStorageUri);
  await host.folders.followSettings();
  void vscode.commands.executeCommand('activeLearning.sessions.focus');
};
