import * as vscode from 'vscode';
import type { ReviewAction } from '../../protocol/review.ts';
import type { HostContext } from '../context.ts';
import { changeClassCommandIds, commandIds, reviewCommandIds } from '../ids.ts';

/** Registers every command. Their code is loaded when the first one runs. */
export function registerCommands(host: HostContext): vscode.Disposable {
  const commands = Object.values(commandIds).map((id) =>
    vscode.commands.registerCommand(id, async (argument: unknown) => {
      try {
        const { commandTable } = await import('./table.ts');
        await commandTable[id](host, argument);
      } catch (error) {
        void host.errors.show(error, id, argument);
      }
    }),
  );
  const reviewCommands = Object.entries(reviewCommandIds).map(([action, id]) =>
    // The argument comes from a user's own keybinding: the number of a class, from 1 like the digit keys.
    vscode.commands.registerCommand(id, (argument: unknown) =>
      host.panels.reviewAction(action as ReviewAction, isCount(argument) ? argument - 1 : undefined),
    ),
  );
  const digits = changeClassCommandIds.map((id, classId) =>
    vscode.commands.registerCommand(id, () => host.panels.reviewAction('change-class', classId)),
  );
  return vscode.Disposable.from(...commands, ...reviewCommands, ...digits);
}

function isCount(argument: unknown): argument is number {
  return typeof argument === 'number' && Number.isInteger(argument) && argument >= 1;
}
