import { lstatSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { storeOf } from '../../core/dataset/pointerFile.ts';
import { nativePath, realPathSync } from '../platform/bytePaths.ts';
import { isBelow } from '../storage/visiblePlaces.ts';

/** Why the target of a label path must not be written. */
export type LinkObstacle =
  | { readonly why: 'outside'; readonly target: string }
  | { readonly why: 'object-store'; readonly target: string };

/**
 * Whether a write to a label path would follow a link to a forbidden target: outside the root and its label folder, or
 * in the object store of a tool (git-annex, DVC, Git, or any link to a file without write permission). `null` if the
 * path may be written.
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

/** Whether the path itself is a symbolic link, even a dead one. */
export function isLink(path: string): boolean {
  return lookAt(lstatSync, path)?.isSymbolicLink() === true;
}

/** The target of a path with all links resolved. A missing part stays as written. `null` if the target is unknown. */
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

/** The folders of a root: its own, and, if the root is below `images`, the one where Ultralytics looks for its labels. */
function areasOf(rootPath: string): string[] {
  const root = resolve(rootPath);
  const areas = [realPathOf(root)];
  const labels = root.replace(/^(.*[\\/])images(?=$|[\\/])/su, '$1labels');
  // Use the label folder's own path: if it is a link, its target is not part of the root.
  if (labels !== root) areas.push(joined(realPathOf(dirname(labels)), basename(labels)));
  return areas.filter((area) => area !== null);
}

function isStore(target: string): boolean {
  return storeOf(target) !== null || target.split(/[\\/]/u).some((part) => part === '.git' || part === '.dvc');
}

/** Whether the file lacks write permission, on systems with modes. */
function isProtected(path: string): boolean {
  const facts = lookAt(statSync, path);
  return process.platform !== 'win32' && facts !== null && (facts.mode & 0o222) === 0;
}

/** Whether the cache of a tool shares the file through a hard link. Tools remove write permission from such files. */
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
