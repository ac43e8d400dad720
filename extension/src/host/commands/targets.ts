import * as vscode from 'vscode';
import type { SessionAction } from '../../core/session/actions.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import { canSelectFirstBatch } from '../../workflow/session/firstBatch.ts';
import type { SessionStatusView } from '../../workflow/session/status.ts';
import type { HostContext } from '../context.ts';
import { UserCancelled } from '../ui/window.ts';
import { confirmTrust, showFolderTrustNeeded, showWorkspaceTrustNeeded } from '../trust/folderTrust.ts';
import { commandIds, type CommandId } from '../ids.ts';
import { FolderContext } from '../workspace/folderContext.ts';
import { showReadOnlyFolder } from '../workspace/storageLocation.ts';
import { showInformation, showList } from '../ui/window.ts';

/** The session that a command works on. */
export interface SessionTarget {
  readonly folder: FolderContext;
  readonly sessionId: number;
  readonly session: SessionRow;
}

/** The argument of a command, such as a tree item or a session reference. */
interface Given {
  readonly folder?: unknown;
  readonly sessionId?: unknown;
  readonly node?: {
    readonly kind?: unknown;
    readonly sessionId?: unknown;
    readonly iterationId?: unknown;
    readonly modelId?: unknown;
  };
}

function given(argument: unknown): Given {
  return typeof argument === 'object' && argument !== null ? argument : {};
}

/** An id from the tree item that the command was called on. */
export function argumentId(argument: unknown, name: 'iterationId' | 'modelId'): number | undefined {
  const id = given(argument).node?.[name];
  return typeof id === 'number' ? id : undefined;
}

/** Whether the command was called on the samples of an iteration. */
export function isOnSamples(argument: unknown): boolean {
  return given(argument).node?.kind === 'samples';
}

/** The session from the tree item or reference that the command was called on. */
export function argumentSession(argument: unknown): Pick<SessionTarget, 'folder' | 'sessionId'> | undefined {
  const { folder, sessionId, node } = given(argument);
  const id = node?.sessionId ?? sessionId;
  return folder instanceof FolderContext && typeof id === 'number' ? { folder, sessionId: id } : undefined;
}

/**
 * The workspace folder to work in; asks if there are several. Without a folder or trust, it shows why and offers a
 * solution.
 * @throws UserCancelled
 */
export async function pickFolder(argument?: unknown): Promise<vscode.WorkspaceFolder> {
  const { folder } = given(argument);
  if (folder instanceof FolderContext) return folder.folder;
  // A file in the Explorer.
  const around = argument instanceof vscode.Uri ? vscode.workspace.getWorkspaceFolder(argument) : undefined;
  if (around !== undefined && vscode.workspace.isTrusted) return around;
  const folders = await requireFolder();
  await requireTrust();
  const [only, ...others] = folders;
  const chosen =
    only !== undefined && others.length === 0
      ? only
      : await vscode.window.showWorkspaceFolderPick({ placeHolder: vscode.l10n.t('Select a folder') });
  if (chosen === undefined) throw new UserCancelled();
  return chosen;
}

/** The workspace folders. Without any, it offers to open one. @throws UserCancelled */
export async function requireFolder(): Promise<readonly vscode.WorkspaceFolder[]> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length > 0) return folders;
  await showWithActions(vscode.l10n.t('Open the folder that contains your images to use active learning.'), {
    title: vscode.l10n.t('Open Folder'),
    command: 'workbench.action.files.openFolder',
  });
  throw new UserCancelled();
}

/** In Restricted Mode, it offers to manage workspace trust. @throws UserCancelled */
export async function requireTrust(): Promise<void> {
  if (vscode.workspace.isTrusted) return;
  await showWorkspaceTrustNeeded();
  throw new UserCancelled();
}

/**
 * A session that may be changed: the one from the argument, the only one, or one that the user picks from a list.
 * @param suits excludes sessions for which the command makes no sense, if others remain.
 * @throws UserCancelled
 */
export async function pickWritableSession(
  host: HostContext,
  argument: unknown,
  suits?: (session: SessionRow) => boolean,
): Promise<SessionTarget> {
  await requireFolder();
  await requireTrust();
  const chosen = await pickSession(host, argument, suits);
  await requireWritable(chosen.folder);
  return chosen;
}

/** Before files are created in a folder: asks for trust in the files that came with it. @throws UserCancelled */
export async function requireTrustedStorage(host: HostContext, folder: vscode.WorkspaceFolder): Promise<void> {
  const found = (await host.folders.untrustedFolders()).find(
    (each) => each.folder.uri.toString() === folder.uri.toString(),
  );
  if (found === undefined) return;
  if (!(await confirmTrust(found.stranger))) throw new UserCancelled();
  await host.folders.trust(folder);
}

/**
 * If the sessions came with the folder or are read-only, it shows this and offers a solution.
 * @throws UserCancelled
 */
export async function requireWritable({ stranger, isReadOnly, folder }: FolderContext): Promise<void> {
  if (isReadOnly) {
    await showReadOnlyFolder(folder, true);
    throw new UserCancelled();
  }
  if (stranger === null) return;
  await showFolderTrustNeeded();
  throw new UserCancelled();
}

/** The same for a command that only reads, which also works in Restricted Mode. @throws UserCancelled */
export async function pickSession(
  host: HostContext,
  argument: unknown,
  suits: (session: SessionRow) => boolean = () => true,
): Promise<SessionTarget> {
  const asked = argumentSession(argument);
  if (asked !== undefined) {
    const session = await asked.folder.ports.store.sessions.get(asked.sessionId);
    if (session !== null) return { ...asked, session };
  }
  await requireFolder();
  const all = await allSessions(host);
  const suitable = all.filter(({ session }) => suits(session));
  return chooseSession(suitable.length > 0 ? suitable : all);
}

/** Every session of the open folders. Without any, it offers to create one. @throws UserCancelled */
export async function allSessions(host: HostContext): Promise<readonly SessionTarget[]> {
  const all: SessionTarget[] = [];
  for (const opened of await host.folders.openAll()) {
    for (const session of await opened.ports.store.sessions.list()) {
      all.push({ folder: opened, sessionId: session.id, session });
    }
  }
  if (all.length === 0) {
    await showWithActions(vscode.l10n.t('No training session yet.'), {
      title: vscode.l10n.t('New Training Session'),
      command: commandIds.sessionNew,
    });
    throw new UserCancelled();
  }
  return all;
}

/** The only session, or the one that the user picks from a list. @throws UserCancelled */
export async function chooseSession<Choice extends SessionTarget>(choices: readonly Choice[]): Promise<Choice> {
  const [only, ...others] = choices;
  if (only !== undefined && others.length === 0) return only;
  const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  const chosen = await showList(
    choices.toReversed().map((choice) => ({
      label: choice.session.name,
      description: several ? choice.folder.folder.name : '',
      detail: choice.session.description,
      choice,
    })),
    { placeHolder: vscode.l10n.t('Select a session'), matchOnDescription: true },
  );
  if (chosen === undefined) throw new UserCancelled();
  return chosen.choice;
}

/** A command to suggest as a button, with its argument. */
export interface SuggestedAction {
  readonly title: string;
  readonly command: string;
  readonly argument?: unknown;
}

/** What the user can do with a session instead, the most sensible action first. */
export function suggestedActions(
  { folder, sessionId }: Pick<SessionTarget, 'folder' | 'sessionId'>,
  view: SessionStatusView,
): readonly SuggestedAction[] {
  const can = (name: SessionAction): boolean => view.actions.some(({ action, enabled }) => action === name && enabled);
  const ways: SuggestedAction[] = [];
  const add = (title: string, command: CommandId): void => {
    ways.push({ title, command, argument: { folder, sessionId } });
  };
  if (can('review') && (view.iterations.at(-1)?.samples.open ?? 0) > 0) {
    add(vscode.l10n.t('Review'), commandIds.reviewOpen);
  }
  if (can('finish-review')) add(vscode.l10n.t('Finish Review'), commandIds.reviewFinish);
  if (canSelectFirstBatch(view)) {
    add(vscode.l10n.t('Select First Batch'), commandIds.batchSelectFirst);
  } else if (can('begin-iteration') || can('resume-iteration') || can('train-final')) {
    add(vscode.l10n.t('Train Next Iteration'), commandIds.iterationRun);
  }
  if (can('cancel-iteration')) add(vscode.l10n.t('Show Progress'), commandIds.activityShow);
  if (can('reopen-session')) add(vscode.l10n.t('Reopen'), commandIds.sessionReopen);
  if (view.images.labelled + view.images.unlabelled === 0) {
    add(vscode.l10n.t('Validate Dataset'), commandIds.datasetValidate);
  }
  if (ways.length === 0) add(vscode.l10n.t('Edit Session'), commandIds.sessionEdit);
  return ways;
}

/** Shows a message with buttons that run commands. */
export async function showWithActions(message: string, ...ways: readonly SuggestedAction[]): Promise<void> {
  const chosen = await showInformation(message, ...ways);
  if (chosen) await vscode.commands.executeCommand(chosen.command, ...('argument' in chosen ? [chosen.argument] : []));
}
