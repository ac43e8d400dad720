import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LaunchCommand } from '../../adapters/training/launcher.ts';
import { nodeFiles } from '../../adapters/python/fileOps.ts';
import { runPaths } from '../../adapters/training/runFolder.ts';
import { readPidFile } from '../../adapters/training/runOwner.ts';
import { leaseIsAlive } from '../../adapters/platform/lease.ts';

/**
 * Whether the process of this command is still running. VS Code remembers every background task and, after a reload,
 * restarts those whose terminal is gone, which must not happen to a finished training.
 */
export async function isTrainingAlive({ logFile, runId, env }: LaunchCommand): Promise<boolean> {
  const folder = dirname(logFile);
  if (basename(folder) !== runId) return false;
  try {
    const named = await readPidFile({ files: nodeFiles, paths: runPaths(dirname(folder), runId) });
    // The nonce is stored outside the folder, so that files in the folder cannot fake a process.
    return named !== null && named.nonce === env['AL_TRAINER_NONCE'] && (await leaseIsAlive(named));
  } catch {
    // A damaged or deleted run folder has no training to attach to.
    return false;
  }
}

/** Whether the process of this command was started and has ended. */
export async function hasTrainingEnded(command: LaunchCommand): Promise<boolean> {
  const began = await access(join(dirname(command.logFile), 'pid')).then(
    () => true,
    () => false,
  );
  return began && !(await isTrainingAlive(command));
}
