import { ReadOnlyStorageError } from '../composition/browse.ts';
import { UntrustedFolderError } from '../composition/trust.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../composition/workspace.ts';
import type { Ports, RunOptions } from '../workflow/ports/ports.ts';
import type { Flags, Terminal } from './command.ts';
import type { Environment, LocalFlag } from './defineCommand.ts';
import { textFlag } from './flags.ts';
import { progressLines } from './output.ts';

export const pythonFlag: LocalFlag = {
  name: 'python',
  type: 'string',
  flag: '--python <path>',
  help: 'The Python interpreter that has the packages of the trainer',
};

export const trustFlag: LocalFlag = {
  name: 'trust-folder',
  type: 'boolean',
  flag: '--trust-folder',
  help: 'Trust sessions that came with the folder',
};

/** Commands on a workspace. */
export const workspaceEnvironment: Environment<Ports> = {
  flags: [
    {
      name: 'workspace',
      type: 'string',
      flag: '--workspace <folder>',
      help: 'The folder that holds .active-learning; the current folder by default',
    },
    pythonFlag,
    trustFlag,
  ],
  use: inWorkspace,
};

/** Opens the workspace, runs the command, and closes the workspace in any case. */
async function inWorkspace(
  flags: Flags,
  terminal: Terminal,
  work: (ports: Ports, options: RunOptions) => Promise<number>,
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
    if (completed + written > 0) terminal.note(`Finished ${completed + written} verdicts of an earlier process.`);
    if (conflicts > 0)
      terminal.note(`Another program changed ${conflicts} label files meanwhile; they stay as they are.`);
    for (const reason of unfinished) terminal.note(`A verdict of an earlier process is still not written: ${reason}`);
    for (const run of interruptedRuns) terminal.note(`Run ${run} was interrupted; "run" continues it.`);
    return await work(workspace.ports, { report: progressLines(terminal), signal: terminal.signal });
  } finally {
    await workspace.close();
  }
}

/**
 * Opens a workspace that this user created or trusts. Asks whether to trust another one, if somebody can answer.
 * @param trust whether the user trusts it by a flag.
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
