import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import { toErrorReport } from '../../core/errors.ts';
import { editSessionOperation } from '../../workflow/operations/sessionOperations.ts';
import { showWarning } from '../ui/window.ts';
import type { SessionRef } from '../workspace/folderContext.ts';

const questionCodes = ['weights-unknown', 'weights-changed', 'weights-unsafe'];

/**
 * Asks about weights that were not loaded because the user never chose this content or because they contain code. A yes is
 * remembered with the hash of the file.
 * @returns whether to try again; false for any other failure.
 */
export async function confirmWeights({ folder, sessionId }: SessionRef, failure: unknown): Promise<boolean> {
  const { code, where } = toErrorReport(failure);
  if (where === undefined || !questionCodes.includes(code)) return false;
  const containsCode = code === 'weights-unsafe';
  const yes = containsCode ? vscode.l10n.t('Allow Code Execution') : vscode.l10n.t('Use This File');
  const message = containsCode
    ? vscode.l10n.t('These weights can run code when loaded. Do you want to load them?')
    : vscode.l10n.t('Use these weights? You did not select this file, or its content has changed.');
  const detail = containsCode
    ? vscode.l10n.t(
        '{0}\n\nThe file contains more than the weights of a detector and can run any code with your permissions. Load it only if you trust its author.',
        where,
      )
    : vscode.l10n.t('{0}\n\nUse this file only if you trust its source.', where);
  if ((await showWarning(message, { modal: true, detail }, yes)) !== yes) return false;
  const { ports } = folder;
  const session = await ports.store.sessions.get(sessionId);
  if (session === null) return false;
  if (containsCode) await ports.knownFiles.remember(where, 'code');
  if (!session.warmStart && !isAbsolute(session.baseModel)) {
    // The same name may resolve to a different file later.
    await editSessionOperation.run(ports, { session: sessionId, settings: { baseModel: where } }, {});
  }
  await ports.knownFiles.remember(where, 'user');
  return true;
}
