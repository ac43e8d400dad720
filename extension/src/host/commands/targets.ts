import * as vscode from 'vscode';
import type { SessionAction } from '../../core/session/actions.ts';
import type { SessionRow } from '../../workflow/ports/store/sessions.ts';
import type { SessionStatusView } from '../../workflow/session/status.ts';
import { Dismissed } from '../ui/userCancelled.ts';
import { confirmTrust, offerFolderTrust } from '../trust/folderTrust.ts';
import type { Host } from '../context.ts';
import { commandIds, type CommandId } from '../ids.ts';
import { LiveFolder } from '../workspace/folderContext.ts';
import { offerTrust } from '../trust/restrictedMode.ts';
import { offerStorage } from '../workspace/storageLocation.ts';
import { showInformation, showList } from '../ui/window.ts';

/** A session that a command works on. */
export interface ChosenSession {
  readonly folder: LiveFolder;
  readonly sessionId: number;
  readonly session: SessionRow;
}

/** What a command was given, such as a tree item or a reference. */
interface Given {
  readonly folder?: unknown;
  readonly sessionId?: unknown;
  readonly node?: {
    readonly sessionId?: unknown;
    readonly iterationId?: unknown;
    readonly modelId?: unknown;
  };
}

function given(argument: unknown): Given {
  return typeof argument === 'object' && argument !== null ? argument : {};
}

/** An id of the tree item that a command was called on. */
export function givenId(argument: unknown, name: 'iterationId' | 'modelId'): number | undefined {
  const id = given(argument).node?.[name];
  return typeof id === 'number' ? id : undefined;
}

/** The session that a command was called on, by a tree item or a reference. */
export function givenSession(argument: unknown): Pick<ChosenSession, 'folder' | 'sessionId'> | undefined {
  const { folder, sessionId, node } = given(argument);
  const id = node?.sessionId ?? sessionId;
  return folder instanceof LiveFolder && typeof id === 'number' ? { folder, sessionId: id } : undefined;
}

/**
 * The workspace folder to work in, asked for where there are several. Without a folder or trust it says so, with a way
 * out.
 * @throws Dismissed
 */
export async function chosenFolder(argument?: unknown): Promise<vscode.WorkspaceFolder> {
  const { folder } = given(argument);
  if (folder instanceof LiveFolder) return folder.folder;
  // A file of the Explorer's menu.
  const around = argument instanceof vscode.Uri ? vscode.workspace.getWorkspaceFolder(argument) : undefined;
  if (around !== undefined && vscode.workspace.isTrusted) return around;
  const folders = await requireFolder();
  await requireTrust();
  const [only, ...others] = folders;
  const chosen =
    only !== undefined && others.length === 0
      ? only
      : await vscode.window.showWorkspaceFolderPick({ placeHolder: vscode.l10n.t('In which folder?') });
  if (chosen === undefined) throw new Dismissed();
  return chosen;
}

/** The folders of the workspace; without any it says so and offers to open one. @throws Dismissed */
export async function requireFolder(): Promise<readonly vscode.WorkspaceFolder[]> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length > 0) return folders;
  await offer(vscode.l10n.t('Active learning needs an open folder, the one with your images.'), {
    title: vscode.l10n.t('Open Folder'),
    command: 'workbench.action.files.openFolder',
  });
  throw new Dismissed();
}

/** In Restricted Mode it says so and offers the way out. @throws Dismissed */
export async function requireTrust(): Promise<void> {
  if (vscode.workspace.isTrusted) return;
  await offerTrust();
  throw new Dismissed();
}

/**
 * The session to work on, in a trusted workspace: the one of the tree item, the only one, or the one that is chosen from a list.
 * @param suits leaves out sessions that the command makes no sense for, where others remain.
 * @throws Dismissed
 */
export async function chosenSession(
  host: Host,
  argument: unknown,
  suits?: (session: SessionRow) => boolean,
): Promise<ChosenSession> {
  await requireFolder();
  await requireTrust();
  const chosen = await browsedSession(host, argument, suits);
  await requireOwn(chosen.folder);
  return chosen;
}

/** Before something is made in a folder: asks whether the files that came with it are trusted. @throws Dismissed */
export async function requireOwnStorage(host: Host, folder: vscode.WorkspaceFolder): Promise<void> {
  const found = (await host.folders.strangers()).find((each) => each.folder.uri.toString() === folder.uri.toString());
  if (found === undefined) return;
  if (!(await confirmTrust(found.stranger))) throw new Dismissed();
  await host.folders.trust(folder);
}

/**
 * Of sessions that came with the folder, and of those that cannot be written, it says so, and offers the way out.
 * @throws Dismissed
 */
export async function requireOwn({ stranger, isReadOnly, folder }: LiveFolder): Promise<void> {
  if (isReadOnly) {
    await offerStorage(folder, true);
    throw new Dismissed();
  }
  if (stranger === null) return;
  await offerFolderTrust();
  throw new Dismissed();
}

/** The same for a command that only looks, which works in Restricted Mode too. @throws Dismissed */
export async function browsedSession(
  host: Host,
  argument: unknown,
  suits: (session: SessionRow) => boolean = () => true,
): Promise<ChosenSession> {
  const asked = givenSession(argument);
  if (asked !== undefined) {
    const session = await asked.folder.ports.store.sessions.get(asked.sessionId);
    if (session !== null) return { ...asked, session };
  }
  await requireFolder();
  const all: ChosenSession[] = [];
  for (const opened of await host.folders.openAll()) {
    for (const session of await opened.ports.store.sessions.list()) {
      all.push({ folder: opened, sessionId: session.id, session });
    }
  }
  if (all.length === 0) {
    await offer(vscode.l10n.t('There is no training session yet.'), {
      title: vscode.l10n.t('New Training Session'),
      command: commandIds.sessionNew,
    });
    throw new Dismissed();
  }
  const suitable = all.filter(({ session }) => suits(session));
  const choices = suitable.length > 0 ? suitable : all;
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
    { placeHolder: vscode.l10n.t('Which session?'), matchOnDescription: true },
  );
  if (chosen === undefined) throw new Dismissed();
  return chosen.choice;
}

/** A command that helps, with what it is called with. */
export interface WayOut {
  readonly title: string;
  readonly command: string;
  readonly argument?: unknown;
}

/** What can be done with a session instead, the next sensible step first. */
export function waysOn({ folder, sessionId }: ChosenSession, view: SessionStatusView): readonly WayOut[] {
  const can = (name: SessionAction): boolean => view.actions.some(({ action, enabled }) => action === name && enabled);
  const ways: WayOut[] = [];
  const add = (title: string, command: CommandId): void => {
    ways.push({ title, command, argument: { folder, sessionId } });
  };
  if (can('review') && (view.iterations.at(-1)?.samples.open ?? 0) > 0) {
    add(vscode.l10n.t('Review'), commandIds.reviewOpen);
  }
  if (can('finish-review')) add(vscode.l10n.t('Finish Review'), commandIds.reviewFinish);
  if (can('begin-iteration') || can('resume-iteration') || can('train-final')) {
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

/** Says why something cannot be done now, with the command that helps. */
export async function offer(message: string, ...ways: readonly WayOut[]): Promise<void> {
  const chosen = await showInformation(message, ...ways);
  if (chosen) await vscode.commands.executeCommand(chosen.command, ...('argument' in chosen ? [chosen.argument] : []));
}
