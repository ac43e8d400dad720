import * as vscode from 'vscode';
import type { CommandHandler } from '../context.ts';
import { chooseStorageLocation } from '../workspace/storageLocation.ts';
import { pickFolder } from './targets.ts';

/** "Choose Session Storage Location": for a folder that is not or should not be written. */
export const chooseStorageCommand: CommandHandler = async (host, argument) => {
  const folder = await pickFolder(argument);
  await chooseStorageLocation(folder, host.extension.globalStorageUri);
  await host.folders.followSettings();
  void vscode.commands.executeCommand('activeLearning.sessions.focus');
};
