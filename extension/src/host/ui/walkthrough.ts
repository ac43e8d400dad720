import * as vscode from 'vscode';
import { contextKeys } from '../ids.ts';

/** The context keys that tick the steps of the walkthrough in package.json. */
const keys = {
  environment: contextKeys.doneEnvironment,
  session: contextKeys.doneSession,
  train: contextKeys.doneTrain,
  review: contextKeys.doneReview,
  export: contextKeys.doneExport,
} as const;

/** Ticks a step: what it asks for was done, not only begun. VS Code remembers it. */
export function completeStep(step: keyof typeof keys): void {
  void vscode.commands.executeCommand('setContext', keys[step], true);
}
