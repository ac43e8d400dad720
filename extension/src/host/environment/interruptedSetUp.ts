import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { showInformation } from '../ui/window.ts';
import type { PythonEnvironment } from './environment.ts';

/** Deletes the files of a setup that a reload or crash interrupted, and offers to start again. */
export async function removeInterruptedSetUp(
  environment: Pick<PythonEnvironment, 'environmentsFolder'>,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const { environmentsFolder } = environment;
  if (!existsSync(environmentsFolder)) return;
  const { removeUnfinished } = await import('./deferred.ts');
  const removed = await removeUnfinished(environmentsFolder, log);
  if (removed.length === 0) return;
  log.info(`A set-up of the training environment was interrupted; removed ${removed.join(', ')}.`);
  const again = vscode.l10n.t('Set Up Training Environment');
  const shown = showInformation(
    vscode.l10n.t(
      'The setup of the training environment was interrupted, for example by a window reload. Its incomplete files were deleted.',
    ),
    again,
  );
  void shown.then((chosen) => {
    if (chosen === again) void vscode.commands.executeCommand(commandIds.environmentSetUp);
  });
}
