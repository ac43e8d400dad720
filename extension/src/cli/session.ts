import type { Ports } from '../workflow/ports/ports.ts';
import { currentIteration } from '../workflow/session/sessions.ts';
import type { IterationRow } from '../workflow/ports/store/iterations.ts';
import type { SessionRow } from '../workflow/ports/store/sessions.ts';
import type { Flags, Terminal } from './command.ts';
import { textFlag, UsageError } from './flags.ts';
import { progressLines } from './output.ts';
import { ReadOnlyStorageError } from '../composition/browse.ts';
import { UntrustedFolderError } from '../composition/trust.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../composition/workspace.ts';
import type { RunOptions } from '../workflow/ports/ports.ts';

/** Flags that every command on a workspace takes. */
export const workspaceOptions = {
  workspace: { type: 'string' },
  session: { type: 'string' },
  python: { type: 'string' },
  json: { type: 'boolean' },
  'trust-folder': { type: 'boolean' },
} as const;

/** Opens the workspace, runs the command, and closes it however it ends. */
export async function inWorkspace(
  flags: Flags,
  terminal: Terminal,
  work: (ports: Ports, task: RunOptions) => Promise<number>,
): Promise<number> {
  const workspace = await openTrusted(terminal, flags['trust-folder'] === true, {
    folder: textFlag(flags, 'workspace') ?? process.cwd(),
    python: textFlag(flags, 'python'),
    onWarning: (message) => terminal.note(message),
  });
  try {
    if (workspace.isReadOnly) terminal.note(new ReadOnlyStorageError(workspace.folder, true).message);
    const { completed, written, conflicts, unfinished, interruptedRuns } = workspace.recovery;
    for (const notice of (await workspace.ports.store.info()).notices) terminal.note(notice);
    if (completed + written > 0)
      terminal.note(`Finished ${completed + written} verdicts that an earlier process left.`);
    if (conflicts > 0)
      terminal.note(`${conflicts} label files were changed outside meanwhile; they were kept as they are.`);
    for (const reason of unfinished) terminal.note(`A verdict of an earlier process is not written yet: ${reason}`);
    for (const run of interruptedRuns) terminal.note(`Run ${run} was interrupted; "run" continues it.`);
    return await work(workspace.ports, { report: progressLines(terminal), signal: terminal.signal });
  } finally {
    await workspace.close();
  }
}

/**
 * Opens a workspace that this user made or trusts. Of another one it asks, where a person can answer.
 * @param trust the person said so by a flag.
 * @throws UntrustedFolderError
 */
export async function openTrusted(terminal: Terminal, trust: boolean, options: WorkspaceOptions): Promise<Workspace> {
  try {
    return await openWorkspace({ ...options, trust });
  } catch (error) {
    if (!(error instanceof UntrustedFolderError) || terminal.ask === undefined) throw error;
    terminal.note(`${error.message}\n${error.hint}`);
    if (!(await terminal.ask('Trust them?'))) throw error;
    return openWorkspace({ ...options, trust: true });
  }
}

/** The session named by `--session` (number or name), or the only one. */
export async function chosenSession(ports: Ports, flags: Flags): Promise<SessionRow> {
  const sessions = await ports.store.sessions.list();
  const wanted = textFlag(flags, 'session');
  const names = sessions.map((session) => `${session.id} "${session.name}"`).join(', ');
  if (wanted === undefined) {
    const [only, ...others] = sessions;
    if (only && others.length === 0) return only;
    throw new UsageError(
      only ? `Which session? There are ${names}.` : 'There is no session here.',
      only ? 'Add --session with its number or name.' : 'Make one with "create --data <data.yaml> --name <name>".',
    );
  }
  const session = sessions.find((row) => String(row.id) === wanted || row.name === wanted);
  if (session) return session;
  throw new UsageError(`There is no session "${wanted}"${names ? `; there are ${names}` : ''}.`);
}

/** The iteration under review, or whatever is the newest. */
export async function newestIteration(ports: Ports, session: SessionRow): Promise<IterationRow> {
  const iteration = await currentIteration(ports, session.id);
  if (iteration) return iteration;
  throw new UsageError(`Session "${session.name}" has no iteration yet.`, 'Start one with "run".');
}
