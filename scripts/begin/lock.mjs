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

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const tenMinutes = 600_000;

/** When a process started, in words of its system, or null when it runs no more. Ids are given again, times are not. */
function startOf(pid) {
  if (process.platform === 'linux') {
    try {
      const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
      return state === 'Z' ? null : fields[18];
    } catch {
      return null;
    }
  }
  if (process.platform === 'win32') {
    try {
      process.kill(pid, 0);
      return '';
    } catch (error) {
      return error.code === 'EPERM' ? '' : null;
    }
  }
  return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() || null;
}

/** The owner of a lock, or null when the lock is gone. */
function readOwner(lock) {
  try {
    const text = readFileSync(join(lock, 'owner.json'), 'utf8');
    // What a power cut left half written belongs to nobody.
    const torn = { pid: 0, started: '', folder: `${basename(lock)}-torn-${statSync(lock).mtimeMs}` };
    return text.endsWith('}') ? JSON.parse(text) : torn;
  } catch {
    return null;
  }
}

const runs = ({ pid, started }) => startOf(pid) === started;

/** Renames a folder that holds something; never over another one that holds something. */
function move(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code)) return false;
    if (process.platform === 'win32' && error.code === 'EPERM') return false;
    throw error;
  }
}

/** Folders of owners that ended by force. Not young ones: whoever saw such an owner may be about to move its lock. */
function removeLeftovers(lock) {
  for (const name of readdirSync(dirname(lock))) {
    const folder = join(dirname(lock), name);
    if (!name.startsWith(`${basename(lock)}-`) || Date.now() - statSync(folder).ctimeMs < tenMinutes) continue;
    const owner = readOwner(folder);
    if (owner === null || !runs(owner)) rmSync(folder, { recursive: true, force: true });
  }
}

/** Takes a lock that is free, or whose owner runs no more. */
function take(own, lock) {
  if (move(own, lock)) return true;
  const owner = readOwner(lock);
  return owner !== null && !runs(owner) && move(lock, join(dirname(lock), owner.folder)) && move(own, lock);
}

/**
 * Does work that no two processes may do at once; who comes second says what it waits for. A lock is a folder that is
 * renamed into its place with its owner in it. One whose owner has ended, killed or not, is moved aside to the name
 * that it had before: who else wants to do that finds this name taken, and so never moves the lock of the next owner.
 * @param lock the path of the lock.
 * @param what is done, as in "Waiting for another process: installing the node modules".
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
