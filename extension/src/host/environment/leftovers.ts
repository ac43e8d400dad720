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

/** Notes in the folder of a new environment that this process makes it. */
export async function markInstalling(folder: string): Promise<void> {
  await writeFile(join(folder, installingMark), JSON.stringify(await currentLease()));
}

/**
 * Removes environments that nobody finishes any more: the window that made one was reloaded, closed or killed.
 * @returns the folders that are gone now.
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

/** Removes environments that a newer one replaces: all but the newest and the one before, in which a training of another window may run. */
export async function removeReplaced(environments: string, log: WarningLog): Promise<void> {
  for (const folder of finishedEnvironments(environments).slice(0, -2)) await removeEnvironment(folder, log);
}

/** Removes an environment as far as it can be: on Windows, a program that runs keeps its files. @returns whether it is gone. */
export async function removeEnvironment(folder: string, log: WarningLog): Promise<boolean> {
  try {
    // Without the mark first, half of an environment would pass for a whole one.
    await rm(join(folder, completeMark), { force: true });
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    return true;
  } catch (error) {
    log.warn(`${folder} could not be removed: ${String(error)}`);
    return false;
  }
}

/** A folder of a minute ago may be one whose mark is not written yet. */
const graceMs = 60_000;

async function isBeingMade(folder: string): Promise<boolean> {
  try {
    const lease = leaseSchema.safeParse(JSON.parse(await readFile(join(folder, installingMark), 'utf8')));
    if (lease.success) return await leaseIsAlive(lease.data);
  } catch {
    // No mark, or half of one.
  }
  return Date.now() - (await stat(folder)).mtimeMs < graceMs;
}
