import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Vscode from 'vscode';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { editorState } from '../../../test/support/editorState.ts';
import { fakeContext, fakeVscode } from '../../../test/support/fakeVscode.ts';
import { currentLease } from '../../adapters/platform/lease.ts';
import { toErrorReport } from '../../core/errors.ts';
import type { LaunchCommand } from '../../adapters/training/launcher.ts';
import { LaunchMemory } from './launchMemory.ts';
import { trainDefinition } from './trainDefinition.ts';

vi.mock('vscode', () => fakeVscode);
const { createTrainingTasks } = await import('./trainingTasks.ts');

let home = '';
let folder: Vscode.WorkspaceFolder;
let context: Vscode.ExtensionContext;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'al tasks '));
  editorState.folder = home;
  editorState.seen = [];
  folder = fakeVscode.workspace.workspaceFolders?.[0] as unknown as Vscode.WorkspaceFolder;
  context = fakeContext(home, home) as unknown as Vscode.ExtensionContext;
  // VS Code attached the task of an earlier run, and has not reported its end.
  await new LaunchMemory(context.workspaceState).remember(command('s1-i1-first'), folder.uri.toString());
  fakeVscode.tasks.taskExecutions.push({ task: { definition: trainDefinition('s1-i1-first') } });
});

afterEach(() => {
  fakeVscode.tasks.taskExecutions.length = 0;
  rmSync(home, { recursive: true });
});

function command(runId: string): LaunchCommand {
  const cwd = join(home, runId);
  return {
    runId,
    executable: 'python',
    args: [],
    env: { AL_TRAINER_NONCE: 'n' },
    cwd,
    logFile: join(cwd, 'trainer.log'),
  };
}

/** Begins another run, whose task goes on. @returns the code of what went wrong, once it did. */
function begin(): { code: string | undefined } {
  const log = fakeVscode.window.createOutputChannel() as unknown as Vscode.LogOutputChannel;
  const tasks = createTrainingTasks(context, log);
  const failure: { code: string | undefined } = { code: undefined };
  tasks
    .launcherFor(folder)
    .launch(command('s1-i1-second'))
    .catch((error: unknown) => (failure.code = toErrorReport(error).code));
  return failure;
}

async function leavePid(change: object): Promise<void> {
  const { cwd, runId } = command('s1-i1-first');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'config.json'), JSON.stringify({ schema: 1, run: runId, nonce: 'n' }));
  const { pid, startTime } = await currentLease();
  writeFileSync(join(cwd, 'pid'), JSON.stringify({ pid, startTime, nonce: 'n', ...change }));
}

const patience = { timeout: 10_000 };

it('a training does not wait for one whose process has ended', async () => {
  await leavePid({ startTime: '12' });
  begin();
  await expect.poll(() => editorState.seen, patience).toEqual([{ kind: 'shown', what: 'task' }]);
});

it('a training does not start while another one runs or starts', async () => {
  const early = begin();
  await expect.poll(() => early.code, patience).toBe('trainer-busy');
  await leavePid({});
  const late = begin();
  await expect.poll(() => late.code, patience).toBe('trainer-busy');
  expect(editorState.seen).toEqual([]);
});
