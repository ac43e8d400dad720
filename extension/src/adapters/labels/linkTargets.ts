import { lstatSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { storeOf } from '../../core/dataset/pointerFile.ts';
import { nativePath, realPathSync } from '../platform/bytePaths.ts';
import { isBelow } from '../storage/visiblePlaces.ts';

/** Why the file that a label path leads to must not be written. */
export type LinkObstacle =
  | { readonly why: 'outside'; readonly target: string }
  | { readonly why: 'object-store'; readonly target: string };

/**
 * Whether a write to a label path would reach through a link where it must not: out of the root's folder and the folder
 * of its labels, or into what a tool keeps for every version of a file (git-annex, DVC, Git itself, or any link to a
 * file without write permission). `null` when it is written in place.
 */
export function linkObstacle(path: string, rootPath: string): LinkObstacle | null {
  const target = realPathOf(path);
  if (target === null) return null;
  const linked = isLink(path);
  if (isStore(target) || (linked && isProtected(target)) || (!linked && isSharedObject(path))) {
    return { why: 'object-store', target };
  }
  return isBelow(areasOf(rootPath), target) ? null : { why: 'outside', target };
}

/** Whether the path itself is a symbolic link, to whatever. */
export function isLink(path: string): boolean {
  return lookAt(lstatSync, path)?.isSymbolicLink() === true;
}

/** The target of a path, with the links of its folders followed; a part that does not exist stays as written. `null` if it is unknown. */
function realPathOf(path: string): string | null {
  try {
    return realPathSync(path);
  } catch {
    return dirname(path) === path || isLink(path) ? null : joined(realPathOf(dirname(path)), basename(path));
  }
}

function joined(folder: string | null, name: string): string | null {
  return folder === null ? null : join(folder, name);
}

/** What belongs to a root: its folder, and that in which Ultralytics looks for its labels when the root lies below `images`. */
function areasOf(rootPath: string): string[] {
  const root = resolve(rootPath);
  const areas = [realPathOf(root)];
  const labels = root.replace(/^(.*[\\/])images(?=$|[\\/])/su, '$1labels');
  // The folder of the labels counts at its own place, not where a link in its place leads.
  if (labels !== root) areas.push(joined(realPathOf(dirname(labels)), basename(labels)));
  return areas.filter((area) => area !== null);
}

function isStore(target: string): boolean {
  return storeOf(target) !== null || target.split(/[\\/]/u).some((part) => part === '.git' || part === '.dvc');
}

/** Without permission to write, on systems that have such modes. */
function isProtected(path: string): boolean {
  const facts = lookAt(statSync, path);
  return process.platform !== 'win32' && facts !== null && (facts.mode & 0o222) === 0;
}

/** A file that the cache of a tool shares by a hard link; tools take the permission to write from such files. */
function isSharedObject(path: string): boolean {
  const facts = lookAt(lstatSync, path);
  return facts?.isFile() === true && facts.nlink > 1 && isProtected(path);
}

function lookAt(look: (path: string | Buffer) => Stats, path: string): Stats | null {
  try {
    return look(nativePath(path));
  } catch {
    return null;
  }
}
