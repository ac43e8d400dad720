// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages */

/**
 * @param {string} file
 * @returns {Packages | null}
 */
function packages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

/**
 * Whether the node modules of a folder are those that its package-lock.json names. npm writes a lock file of the
 * installed packages last of all. So it does not matter who called npm, and an interrupted installation shows.
 * @param {string} folder
 */
export function areInstalled(folder) {
  const wanted = packages(join(folder, 'package-lock.json'));
  const installed = packages(join(folder, 'node_modules', '.package-lock.json'));
  if (wanted === null || installed === null) return false;
  // Optional ones are the parts of other platforms.
  /** @param {[string, Packages[string]]} entry */
  const isThere = ([name, entry]) => name === '' || entry.optional === true || Object.hasOwn(installed, name);
  /** @param {[string, Packages[string]]} entry */
  const isWanted = ([name, entry]) => wanted[name]?.version === entry.version;
  return Object.entries(installed).every(isWanted) && Object.entries(wanted).every(isThere);
}
