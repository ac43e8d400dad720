import type { Dirent } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetProblem } from '../../core/dataset/types.ts';
import { isReadableImageName, unsupportedReason } from './imageFormats.ts';

/** A file that a walk met. */
export interface WalkedFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** What a walk tells besides the images. */
export interface WalkReport {
  readonly problems: DatasetProblem[];
  /** Paths of image files whose format is not read. */
  readonly unsupported: string[];
}

interface Folder {
  readonly files: string[];
  readonly folders: string[];
  /** Symbolic links to folders. They come last, so that a folder is listed under its own name where it has one. */
  readonly links: string[];
}

const parallelStats = 16;

/**
 * Lists the image files of a folder and the ones below, in a fixed order. Hidden files and folders are passed over
 * (so is `.active-learning`), symbolic links are followed, and no folder is listed twice, whatever links lead to it.
 * Works folder by folder and a few files at a time, so that the event loop stays free and a consumer may stop early.
 * What cannot be listed goes to `report`.
 */
export async function* walkImages(
  top: string,
  report: WalkReport,
  visited: Set<string> = new Set(),
): AsyncGenerator<WalkedFile> {
  const pending = [top];
  const links: string[] = [];
  for (let path = pending.pop() ?? links.shift(); path !== undefined; path = pending.pop() ?? links.shift()) {
    const folder = await readFolder(path, visited, report);
    if (folder === null) continue;
    pending.push(...folder.folders.toReversed());
    links.push(...folder.links);
    for (let start = 0; start < folder.files.length; start += parallelStats) {
      const facts = await Promise.all(
        folder.files.slice(start, start + parallelStats).map((file) => factsOf(file, report)),
      );
      for (const file of facts) if (file !== null) yield file;
    }
  }
}

async function readFolder(path: string, visited: Set<string>, report: WalkReport): Promise<Folder | null> {
  const folder: Folder = { files: [], folders: [], links: [] };
  try {
    const real = await realpath(path);
    if (visited.has(real)) return null;
    visited.add(real);
    for await (const entry of await opendir(path, { bufferSize: 256 })) {
      if (!entry.name.startsWith('.')) await sort(entry, join(path, entry.name), folder, report);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    report.problems.push({
      severity: 'error',
      code: 'folder-unreadable',
      message: `The folder ${path} cannot be listed (${code}); its images are left out.`,
      hint: 'Check its permissions, then rescan.',
      file: path,
    });
  }
  for (const list of [folder.files, folder.folders, folder.links]) list.sort();
  return folder;
}

async function sort(entry: Dirent, path: string, folder: Folder, report: WalkReport): Promise<void> {
  if (entry.isDirectory()) {
    folder.folders.push(path);
    return;
  }
  if (entry.isSymbolicLink()) {
    const target = await stat(path).catch(() => null);
    if (target?.isDirectory()) {
      folder.links.push(path);
      return;
    }
    // A link to nothing matters only where an image was meant.
    if (target === null && !isReadableImageName(entry.name)) return;
  }
  if (isReadableImageName(entry.name)) folder.files.push(path);
  else if (unsupportedReason(entry.name) !== null) report.unsupported.push(path);
}

/** Size and time of an image file; `null`, with a problem, when it is gone or no file. */
export async function factsOf(path: string, report: Pick<WalkReport, 'problems'>): Promise<WalkedFile | null> {
  try {
    const { size, mtimeMs, ...facts } = await stat(path).then((found) => ({
      size: found.size,
      mtimeMs: found.mtimeMs,
      isFile: found.isFile(),
    }));
    if (facts.isFile) return { path, size, mtimeMs };
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    report.problems.push({
      severity: 'warning',
      code: 'image-missing',
      message:
        code === 'ENOENT'
          ? `The image ${path} is not there (a link to nothing, or removed meanwhile).`
          : `The image ${path} cannot be looked at (${code}).`,
      hint: 'Put the file back or remove its entry, then rescan.',
      file: path,
    });
    return null;
  }
}
