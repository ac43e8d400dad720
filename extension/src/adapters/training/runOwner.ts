import { z } from 'zod';
import type { Lease } from '../../workflow/ports/store/leases.ts';
import { readTextIfThere, type FileOps } from './fileOps.ts';
import { readConfig, type RunPaths } from './runFolder.ts';

/** 0 and negative numbers name process groups, and 1 is never a trainer: none of them may ever be signalled. */
const pidFile = z.object({ pid: z.number().int().min(2), startTime: z.string(), nonce: z.string().min(1) });

/** Tells whether the process of a lease lives: pid and start time agree. */
export type LeaseProbe = (lease: Lease) => Promise<boolean>;

/**
 * Who the pid file names, alive or not. `null` when there is none, it is damaged, or its nonce is not that of the
 * run's configuration: then it proves nothing.
 */
export async function readOwner(files: FileOps, paths: RunPaths): Promise<Lease | null> {
  const text = await readTextIfThere(files, paths.pid);
  if (text === null) return null;
  let owner: Lease;
  try {
    owner = pidFile.parse(JSON.parse(text));
  } catch {
    return null;
  }
  const config = await readConfig(files, paths);
  return config?.nonce === owner.nonce ? owner : null;
}

/** The live process of ours that works in the run folder. */
export async function liveOwner(files: FileOps, paths: RunPaths, isAlive: LeaseProbe): Promise<Lease | null> {
  const owner = await readOwner(files, paths);
  return owner !== null && (await isAlive(owner)) ? owner : null;
}
