import { z } from 'zod';
import type { Lease } from '../../workflow/ports/store/leases.ts';
import type { RunLeases } from '../../workflow/ports/userRecord.ts';
import type { FileOps } from '../python/fileOps.ts';
import type { RunPaths } from './runFolder.ts';
import { readRunText } from '../python/runFiles.ts';

/** 0 and negative numbers name process groups, and 1 is never a trainer: none of them may be signalled. */
const pidFile = z.object({ pid: z.number().int().min(2), startTime: z.string(), nonce: z.string().min(1) });

/** The prefix of a nonce whose trainer is starting: its process is not known yet. */
const starting = 'starting:';

/** Whether the process of a lease is alive: pid and start time agree. */
export type LeaseProbe = (lease: Lease) => Promise<boolean>;

/** The sources that name the process of a run. The user's record decides: a run folder may name any process. */
export interface RunProcess {
  readonly files: FileOps;
  readonly paths: RunPaths;
  readonly leases: RunLeases;
  readonly isAlive: LeaseProbe;
}

/** The process that the pid file names, alive or not. `null` if the file is absent or damaged. */
export async function readPidFile({ files, paths }: Pick<RunProcess, 'files' | 'paths'>): Promise<Lease | null> {
  try {
    return pidFile.parse(JSON.parse((await readRunText(files, paths.pid)) ?? ''));
  } catch {
    return null;
  }
}

/** Records that a trainer with this nonce is about to start, so that it can be found if this process dies meanwhile. */
export async function recordStart({ leases, paths }: RunProcess, by: Lease, nonce: string): Promise<void> {
  await leases.write(paths.runId, { ...by, nonce: starting + nonce });
}

/** Our live process that works in the run, by the record outside its folder. */
export async function liveOwner(run: RunProcess): Promise<Lease | null> {
  const recorded = await run.leases.read(run.paths.runId);
  if (recorded === null) return null;
  if (!recorded.nonce.startsWith(starting)) return (await run.isAlive(recorded)) ? recorded : null;
  // The parent crashed before it recorded the trainer's process. No other process knows the nonce.
  const named = await readPidFile(run);
  if (named === null || named.startTime === '' || starting + named.nonce !== recorded.nonce) return null;
  if (isOurOwn(named) || !(await run.isAlive(named))) return null;
  await run.leases.write(run.paths.runId, named);
  return named;
}

/**
 * The live process that may be signalled: its pid, start time and nonce agree in the record and in the run folder.
 * Never this process or its parent.
 */
export async function ownerToSignal(run: RunProcess): Promise<Lease | null> {
  const owner = await liveOwner(run);
  const named = await readPidFile(run);
  if (owner === null || named === null || owner.startTime === '' || isOurOwn(owner)) return null;
  const agrees = named.pid === owner.pid && named.nonce === owner.nonce;
  // If the trainer cannot read its start time, the record holds the one that this process read.
  return agrees && (named.startTime === owner.startTime || named.startTime === '') ? owner : null;
}

function isOurOwn({ pid }: Lease): boolean {
  return pid === process.pid || pid === process.ppid;
}

/** Leases in memory, for the life of this process. */
export function temporaryLeases(): RunLeases {
  const leases = new Map<string, Lease>();
  return {
    read: async (runId) => leases.get(runId) ?? null,
    write: async (runId, lease) => void leases.set(runId, lease),
    remove: async (runId) => void leases.delete(runId),
  };
}
