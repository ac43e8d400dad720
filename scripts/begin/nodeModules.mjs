import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function packages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

/**
 * Whether the node modules of a folder are those that its package-lock.json names. npm writes what it installed to a
 * lock file of its own, last of all, so that it does not matter who called npm, and one that was broken off shows.
 */
export function areInstalled(folder) {
  const wanted = packages(join(folder, 'package-lock.json'));
  const found = packages(join(folder, 'node_modules', '.package-lock.json'));
  if (wanted === null || found === null) return false;
  const isWanted = ([name, entry]) => wanted[name]?.version === entry.version;
  // Optional ones are the parts of other platforms.
  const isThere = ([name, entry]) => name === '' || entry.optional === true || Object.hasOwn(found, name);
  return Object.entries(found).every(isWanted) && Object.entries(wanted).every(isThere);
}
