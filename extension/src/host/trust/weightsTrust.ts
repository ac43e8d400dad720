import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import { toErrorReport } from '../../core/errors.ts';
import type { SessionRef } from '../services.ts';
import { showWarning } from '../ui/window.ts';

const questions = ['weights-unknown', 'weights-changed', 'weights-unsafe'];

/**
 * Asks about weights that were not loaded, since the user never chose this content or since they want to run code. A yes
 * is remembered by the content of the file.
 * @returns whether to try again; false for any other failure.
 */
export async function trustsWeights({ folder, sessionId }: SessionRef, failure: unknown): Promise<boolean> {
  const { code, where } = toErrorReport(failure);
  if (where === undefined || !questions.includes(code)) return false;
  const wantsCode = code === 'weights-unsafe';
  const yes = wantsCode ? vscode.l10n.t('Let It Run Code') : vscode.l10n.t('Use This File');
  const message = wantsCode
    ? vscode.l10n.t('These weights can run code when they are loaded. Load them?')
    : vscode.l10n.t('Use these weights? You did not choose this file, or its content has changed since.');
  const detail = wantsCode
    ? vscode.l10n.t(
        '{0}\n\nThe file holds more than the parts of a detector, so that it can do whatever you can do on this machine. Load it only if you trust who made it.',
        where,
      )
    : vscode.l10n.t('{0}\n\nUse it only if you know where it comes from.', where);
  if ((await showWarning(message, { modal: true, detail }, yes)) !== yes) return false;
  const { ports } = folder;
  const session = await ports.store.sessions.get(sessionId);
  if (session === null) return false;
  if (wantsCode) await ports.knownFiles.remember(where, 'code');
  if (!session.warmStart && !isAbsolute(session.baseModel)) {
    // A name may stand for another file tomorrow.
    const { editSession } = await import('../../workflow/session/sessions.ts');
    await editSession(ports, sessionId, { baseModel: where });
  }
  await ports.knownFiles.remember(where, 'user');
  return true;
}
