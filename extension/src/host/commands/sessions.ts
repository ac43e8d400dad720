import * as vscode from 'vscode';
import {
  completeSessionOperation,
  duplicateSessionOperation,
  editSessionOperation,
  reopenSessionOperation,
  sessionStatusOperation,
} from '../../workflow/operations/sessionOperations.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import { isClosed } from '../../workflow/session/sessions.ts';
import type { CommandHandler, HostContext } from '../context.ts';
import { commandIds } from '../ids.ts';
import { freeName } from '../session/names.ts';
import { nameProblem } from '../session/askSetting.ts';
import { UserCancelled } from '../ui/window.ts';
import { pickWritableSession, showWithActions, suggestedActions } from './targets.ts';

export const renameSession: CommandHandler = async (host, argument) => {
  const { folder, session } = await pickWritableSession(host, argument);
  const sessions = await folder.ports.store.sessions.list();
  const others = sessions.filter(({ id }) => id !== session.id).map(({ name }) => name);
  const name = await askName(vscode.l10n.t('Rename Session'), session.name, others);
  await editSessionOperation.run(folder.ports, { session: session.id, settings: { name } }, {});
  folder.changed();
};

export const duplicateSessionCommand: CommandHandler = async (host, argument) => {
  const { folder, session } = await pickWritableSession(host, argument);
  const names = (await folder.ports.store.sessions.list()).map(({ name }) => name);
  const name = await askName(vscode.l10n.t('Duplicate Session'), freeName(session.name, names), names);
  const copy = await duplicateSessionOperation.run(folder.ports, { session: session.id, name }, {});
  folder.changed();
  await showWithActions(
    vscode.l10n.t('Created "{0}" with the same dataset and settings, and no iterations yet.', name),
    ...suggestedActions(
      { folder, sessionId: copy.id },
      await sessionStatusOperation.run(folder.ports, { session: copy.id }, {}),
    ),
  );
};

export const completeSessionCommand: CommandHandler = async (host, argument) => {
  const { folder, session } = await pickWritableSession(host, argument, (row) => !isClosed(row));
  if (isClosed(session)) {
    await showWithActions(vscode.l10n.t('"{0}" is already completed.', session.name), {
      title: vscode.l10n.t('Reopen'),
      command: commandIds.sessionReopen,
      argument: { folder, sessionId: session.id },
    });
    return;
  }
  if (host.runner.activityIn({ folder })?.ref.sessionId === session.id) {
    await showWithActions(vscode.l10n.t('"{0}" is running. Stop it first.', session.name), {
      title: vscode.l10n.t('Stop'),
      command: commandIds.iterationStop,
      argument: { folder, sessionId: session.id },
    });
    return;
  }
  await completeSessionOperation.run(folder.ports, { session: session.id }, {});
  folder.changed();
};

export const reopenSessionCommand: CommandHandler = async (host, argument) => {
  const { folder, session } = await pickWritableSession(host, argument, isClosed);
  if (!isClosed(session)) {
    await showWithActions(vscode.l10n.t('"{0}" is open.', session.name), {
      title: vscode.l10n.t('Train Next Iteration'),
      command: commandIds.iterationRun,
      argument: { folder, sessionId: session.id },
    });
    return;
  }
  await reopenSessionOperation.run(folder.ports, { session: session.id }, {});
  folder.changed();
};

/** Asks for the name of a session and validates it while the user types. @throws UserCancelled */
async function askName(title: string, value: string, taken: readonly string[]): Promise<string> {
  const name = await vscode.window.showInputBox({
    title,
    value,
    prompt: vscode.l10n.t('The name of the session'),
    validateInput: (typed) => nameProblem(typed, taken),
  });
  if (name === undefined) throw new UserCancelled();
  return name.trim();
}

/** The sessions of a folder; none if it has no database yet. */
export async function sessionRows(host: HostContext, folder: vscode.WorkspaceFolder): Promise<readonly SessionRow[]> {
  const live = await host.folders.open(folder, false);
  return live === null ? [] : live.ports.store.sessions.list();
}
