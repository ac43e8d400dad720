import * as vscode from 'vscode';
import type { ReviewAction } from '../../protocol/review.ts';
import type { Host } from '../context.ts';
import { changeClassCommandIds, reviewCommandIds } from '../ids.ts';
import { commandTable } from './table.ts';

/** Registers every command. Their code is loaded when one is first used. */
export function registerCommands(host: Host): vscode.Disposable {
  const commands = Object.entries(commandTable).map(([id, load]) =>
    vscode.commands.registerCommand(id, async (argument: unknown) => {
      try {
        const run = await load();
        await run(host, argument);
      } catch (error) {
        void host.errors.show(error, id, argument);
      }
    }),
  );
  const keys = Object.entries(reviewCommandIds).map(([action, id]) =>
    // The argument is that of a user's own keybinding: classes are counted from 1, as the digits are.
    vscode.commands.registerCommand(id, (argument: unknown) =>
      host.panels.reviewAction(action as ReviewAction, isCount(argument) ? argument - 1 : undefined),
    ),
  );
  const digits = changeClassCommandIds.map((id, classId) =>
    vscode.commands.registerCommand(id, () => host.panels.reviewAction('change-class', classId)),
  );
  return vscode.Disposable.from(...commands, ...keys, ...digits);
}

function isCount(argument: unknown): argument is number {
  return typeof argument === 'number' && Number.isInteger(argument) && argument >= 1;
}
