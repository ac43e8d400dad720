import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { currentLease, leaseIsAlive } from '../../adapters/platform/lease.ts';
import { completeMark, finishedEnvironments, installingMark } from './places.ts';

interface WarningLog {
  warn(line: string): void;
}

const leaseSchema = z.object({ pid: z.number(), startTime: z.string(), nonce: z.string() });

/** Marks the folder of a new environment as being created by this process. */
export async function markInstalling(folder: string): Promise<void> {
  await writeFile(join(folder, installingMark), JSON.stringify(await currentLease()));
}

/**
 * Deletes incomplete environments whose window was reloaded, closed or killed.
 * @returns the deleted folders.
 */
export async function removeUnfinished(environments: string, log: WarningLog): Promise<readonly string[]> {
  if (!existsSync(environments)) return [];
  const removed: string[] = [];
  for (const entry of await readdir(environments, { withFileTypes: true })) {
    const folder = join(environments, entry.name);
    if (!entry.isDirectory() || existsSync(join(folder, completeMark)) || (await isBeingMade(folder))) continue;
    if (await removeEnvironment(folder, log)) removed.push(folder);
  }
  return removed;
}

/** Deletes old environments. Keeps the newest and the previous one, which a training of another window may be using. */
export async function removeOldEnvironments(environments: string, log: WarningLog): Promise<void> {
  for (const folder of finishedEnvironments(environments).slice(0, -2)) await removeEnvironment(folder, log);
}

/** Deletes an environment; on Windows, files of a running program stay. @returns whether it is deleted completely. */
export async function removeEnvironment(folder: string, log: WarningLog): Promise<boolean> {
  try {
    // The mark first: otherwise a partly deleted environment would count as complete.
    await rm(join(folder, completeMark), { force: true });
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    return true;
  } catch (error) {
    log.warn(`${folder} could not be removed: ${String(error)}`);
    return false;
  }
}

/** A new folder may not have its mark yet. */
const graceMs = 60_000;

async function isBeingMade(folder: string): Promise<boolean> {
  try {
    const lease = leaseSchema.safeParse(JSON.parse(await readFile(join(folder, installingMark), 'utf8')));
    if (lease.success) return await leaseIsAlive(lease.data);
  } catch {
    // The mark is missing or incomplete.
  }
  return Date.now() - (await stat(folder)).mtimeMs < graceMs;
}
