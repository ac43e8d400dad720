// @ts-check
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { step } from './shell.mjs';

/** @typedef {{ pid: number, started: string | null, folder: string }} Owner */

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const tenMinutes = 600_000;

/**
 * When a process started, in words of its system, or null if it has ended. Systems use ids again, but not times.
 * @param {number} pid
 * @returns {string | null}
 */
function startOf(pid) {
  if (process.platform === 'linux') {
    try {
      const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      return state === 'Z' ? null : (fields[18] ?? null);
    } catch {
      return null;
    }
  }
  if (process.platform === 'win32') {
    try {
      process.kill(pid, 0);
      return '';
    } catch (error) {
      return codeOf(error) === 'EPERM' ? '' : null;
    }
  }
  return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() || null;
}

/**
 * The owner of a lock, or null if the lock is gone.
 * @param {string} lock
 * @returns {Owner | null}
 */
function readOwner(lock) {
  try {
    const text = readFileSync(join(lock, 'owner.json'), 'utf8');
    // After a power cut a file may be incomplete: then it has no owner.
    const torn = { pid: 0, started: '', folder: `${basename(lock)}-torn-${statSync(lock).mtimeMs}` };
    return text.endsWith('}') ? JSON.parse(text) : torn;
  } catch {
    return null;
  }
}

/** @param {Owner} owner */
const runs = ({ pid, started }) => startOf(pid) === started;

/** @param {unknown} error */
const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code ?? '';

/**
 * Renames a folder that is not empty; never over another one that is not empty.
 * @param {string} from
 * @param {string} to
 * @returns {boolean} whether it did.
 */
function move(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error))) return false;
    if (process.platform === 'win32' && codeOf(error) === 'EPERM') return false;
    throw error;
  }
}

/**
 * Removes the folders of killed owners. Not young ones: another process may be about to move such a lock.
 * @param {string} lock
 */
function removeLeftovers(lock) {
  for (const name of readdirSync(dirname(lock))) {
    const folder = join(dirname(lock), name);
    if (!name.startsWith(`${basename(lock)}-`) || Date.now() - statSync(folder).ctimeMs < tenMinutes) continue;
    const owner = readOwner(folder);
    if (owner === null || !runs(owner)) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Takes a lock that is free, or whose owner has ended.
 * @param {string} own
 * @param {string} lock
 */
function take(own, lock) {
  if (move(own, lock)) return true;
  const owner = readOwner(lock);
  return owner !== null && !runs(owner) && move(lock, join(dirname(lock), owner.folder)) && move(own, lock);
}

/**
 * Does work that only one process may do at a time; a second one reports what it waits for. A lock is a folder that is
 * renamed into its place with its owner in it. One whose owner has ended, killed or not, is moved aside to the name
 * that it had before: another process that tries the same finds this name taken, and so never moves the lock of the next owner.
 * @template Result
 * @param {string} lock the path of the lock.
 * @param {string} what names the work, as in "Waiting for another process: installing the node modules".
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withLock(lock, what, work) {
  mkdirSync(dirname(lock), { recursive: true });
  const own = mkdtempSync(`${lock}-`);
  try {
    const owner = { pid: process.pid, started: startOf(process.pid), folder: basename(own) };
    writeFileSync(join(own, 'owner.json'), JSON.stringify(owner));
    if (!take(own, lock)) {
      await step(`Waiting for another process: ${what}`, async () => {
        while (!take(own, lock)) await pause(200);
      });
    }
    removeLeftovers(lock);
    try {
      return await work();
    } finally {
      move(lock, own);
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
