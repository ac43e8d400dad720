import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { showInformation } from '../ui/window.ts';
import type { PythonEnvironment } from './environment.ts';

/** Removes what a set-up left that a reload or a crash ended, says so, and offers to begin again. */
export async function removeInterruptedSetUp(
  environment: Pick<PythonEnvironment, 'environmentsFolder'>,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const { environmentsFolder } = environment;
  if (!existsSync(environmentsFolder)) return;
  const { removeUnfinished } = await import('./leftovers.ts');
  const removed = await removeUnfinished(environmentsFolder, log);
  if (removed.length === 0) return;
  log.info(`A set-up of the training environment was interrupted; removed ${removed.join(', ')}.`);
  const again = vscode.l10n.t('Set Up Training Environment');
  const shown = showInformation(
    vscode.l10n.t(
      'Setting up the training environment was interrupted, for example by a reload of the window. What it left is removed.',
    ),
    again,
  );
  void shown.then((chosen) => {
    if (chosen === again) void vscode.commands.executeCommand(commandIds.environmentSetUp);
  });
}
