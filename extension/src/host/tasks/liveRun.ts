import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LaunchCommand } from '../../adapters/training/launcher.ts';
import { nodeFiles } from '../../adapters/python/fileOps.ts';
import { runPaths } from '../../adapters/training/runFolder.ts';
import { readPidFile } from '../../adapters/training/runOwner.ts';
import { leaseIsAlive } from '../../adapters/platform/lease.ts';

/**
 * Whether the process that this command started still works. VS Code keeps every background task that ever ran and, after
 * a reload, starts anew those whose terminal is gone: a training that is over must not be made again for it.
 */
export async function isWorking({ logFile, runId, env }: LaunchCommand): Promise<boolean> {
  const folder = dirname(logFile);
  if (basename(folder) !== runId) return false;
  try {
    const named = await readPidFile({ files: nodeFiles, paths: runPaths(dirname(folder), runId) });
    // The nonce is remembered outside the folder: nothing that lies in it can pass for the process.
    return named !== null && named.nonce === env['AL_TRAINER_NONCE'] && (await leaseIsAlive(named));
  } catch {
    // A run folder that is damaged or gone holds no training to attach to.
    return false;
  }
}

/** Whether the process that this command started has been there, and is gone. */
export async function isOver(command: LaunchCommand): Promise<boolean> {
  const began = await access(join(dirname(command.logFile), 'pid')).then(
    () => true,
    () => false,
  );
  return began && !(await isWorking(command));
}
