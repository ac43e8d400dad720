import type { Dirent, Stats } from 'node:fs';
import { lstat, opendir, readdir, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatasetError } from '../../../core/dataset/errors.ts';
import { fetchCommand, storeOf } from '../../../core/dataset/pointerFile.ts';
import type { DatasetProblem } from '../../../core/dataset/types.ts';
import { hasBytes, nativePath, realPath, textOfPath } from '../../platform/bytePaths.ts';
import { whyForbidden } from './forbiddenFolders.ts';
import { isReadableImageName, unsupportedReason } from '../images/imageFormats.ts';
import { throwIfCancelled } from '../reader/readerErrors.ts';

/** A file that a walk found. */
export interface WalkedFile {
  readonly path: string;
  /** The path with all links resolved; equal for two paths of one image. */
  readonly real: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Findings of a walk other than images. */
export interface WalkReport {
  readonly problems: DatasetProblem[];
  /** Paths of image files in unsupported formats. */
  readonly unsupported: string[];
  /** Images and folders whose names are invalid UTF-8. */
  readonly notUtf8: string[];
  /** Paths of text files; they may be labels. */
  readonly texts: string[];
}

interface Folder {
  readonly real: string;
  readonly files: string[];
  readonly folders: string[];
  /** Symbolic links to folders. They are walked last, so that a folder is listed under its real name if possible. */
  readonly links: string[];
}

const parallelStats = 16;
/** Maximum number of folder entries before the first image. This limit and the next are in docs/datasets.md. */
const mostWithoutImage = 300_000;
const mostEntries = 10_000_000;

/**
 * Lists the image files of a folder and its subfolders in a fixed order. Skips hidden files and folders (such as
 * `.active-learning`), follows symbolic links, and lists no folder twice. Works folder by folder and a few files at a
 * time, so that the event loop stays free and a consumer may stop early. Adds other findings to `report`.
 * @throws DatasetError `folder-refused` for a folder that is too large to search or in a pseudo file system;
 * `cancelled`.
 */
export async function* walkImages(top: string, report: WalkReport, signal?: AbortSignal): AsyncGenerator<WalkedFile> {
  const walk = new Walk(top, report, signal);
  const pending = [top];
  const links: string[] = [];
  for (let path = pending.pop() ?? links.shift(); path !== undefined; path = pending.pop() ?? links.shift()) {
    const folder = await walk.list(path);
    if (folder === null) continue;
    pending.push(...folder.folders.toReversed());
    links.push(...folder.links);
    for (let start = 0; start < folder.files.length; start += parallelStats) {
      throwIfCancelled(signal);
      const facts = await Promise.all(
        folder.files.slice(start, start + parallelStats).map((file) => factsOf(file, folder.real, report)),
      );
      for (const file of facts) if (file !== null) yield file;
    }
  }
}

/** The state of one walk: visited folders and counts. */
class Walk {
  readonly #top: string;
  readonly #report: WalkReport;
  readonly #signal: AbortSignal | undefined;
  readonly #visited = new Set<string>();
  #entries = 0;
  #images = 0;

  constructor(top: string, report: WalkReport, signal: AbortSignal | undefined) {
    this.#top = top;
    this.#report = report;
    this.#signal = signal;
  }

  /** The sorted contents of a folder; `null` if it was already listed or must be skipped. */
  async list(path: string): Promise<Folder | null> {
    try {
      const real = await realPath(path);
      if (this.#visited.has(real)) return null;
      this.#visited.add(real);
      const why = whyForbidden(real);
      if (why !== null) return this.#refuse(path, real, why);
      const folder = { real, files: [], folders: [], links: [] };
      await this.#read(path, folder);
      for (const list of [folder.files, folder.folders, folder.links]) list.sort();
      return folder;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      if (error instanceof Error && !('syscall' in error)) throw error;
      this.#report.problems.push({
        severity: 'error',
        code: 'folder-unreadable',
        message: `The folder ${path} cannot be listed (${code}); its images are left out.`,
        hint: 'Check its permissions, then rescan.',
        file: path,
      });
      return null;
    }
  }

  async #read(path: string, folder: Folder): Promise<void> {
    const doubtful: Dirent[] = [];
    for await (const entry of await opendir(nativePath(path) as string, { bufferSize: 256 })) {
      this.#count();
      if (entry.name.startsWith('.')) continue;
      if (entry.name.includes('\uFFFD') || hasBytes(entry.name)) doubtful.push(entry);
      else await this.#sort(entry, join(path, entry.name), folder);
    }
    if (doubtful.length > 0) await this.#sortDoubtful(path, doubtful, folder);
  }

  #count(): void {
    this.#entries++;
    if (this.#entries % 256 === 0) throwIfCancelled(this.#signal);
    const most = this.#images === 0 ? mostWithoutImage : mostEntries;
    if (this.#entries <= most) return;
    const none = this.#images === 0 ? ', and none of them is an image' : '';
    throw new DatasetError(
      'folder-refused',
      `The folder ${this.#top} and the ones below hold more than ${most.toLocaleString('en')} entries${none}.`,
      'Name the folder that holds the images, not one above it.',
      { where: this.#top },
    );
  }

  /** Reads names with a replacement character again as bytes, to see whether they are invalid UTF-8. */
  async #sortDoubtful(path: string, entries: readonly Dirent[], folder: Folder): Promise<void> {
    const kinds = new Map(entries.map((entry) => [entry.name, entry]));
    for (const bytes of await readdir(nativePath(path), { encoding: 'buffer' })) {
      const entry = kinds.get(bytes.toString('utf8'));
      if (entry === undefined) continue;
      const name = textOfPath(bytes);
      if (hasBytes(name) && (entry.isDirectory() || isReadableImageName(name))) {
        this.#report.notUtf8.push(join(path, name));
      }
      await this.#sort(entry, join(path, name), folder);
    }
  }

  async #sort(entry: Dirent, path: string, folder: Folder): Promise<void> {
    if (entry.isDirectory()) {
      folder.folders.push(path);
      return;
    }
    if (entry.isSymbolicLink()) {
      const target = await stat(nativePath(path)).catch(() => null);
      if (target?.isDirectory()) {
        folder.links.push(path);
        return;
      }
      // Ignore dead links unless they have the name of an image.
      if (target === null && !isReadableImageName(path)) return;
    }
    if (isReadableImageName(path)) {
      this.#images++;
      folder.files.push(path);
    } else if (unsupportedReason(path) !== null) this.#report.unsupported.push(path);
    else if (/\.txt$/iu.test(path)) this.#report.texts.push(path);
  }

  #refuse(path: string, real: string, why: string): null {
    const hint = 'Put the images into a folder of their own, and name that.';
    const what = path === real ? path : `${path} (${real})`;
    if (path === this.#top) {
      throw new DatasetError('folder-refused', `No images are looked for in ${what}: it ${why}.`, hint, {
        where: path,
      });
    }
    this.#report.problems.push({
      severity: 'error',
      code: 'folder-refused',
      message: `The link ${what} is not followed: its target ${why}.`,
      hint,
      file: path,
    });
    return null;
  }
}

/**
 * Size and time of an image file. Reports a problem and returns `null` if it is missing or not a file.
 * @param realFolder its folder with all links resolved.
 */
export async function factsOf(
  path: string,
  realFolder: string,
  report: Pick<WalkReport, 'problems'>,
): Promise<WalkedFile | null> {
  try {
    const entry = await lstat(nativePath(path));
    const link = entry.isSymbolicLink();
    const facts = link ? await stat(nativePath(path)) : entry;
    if (!facts.isFile()) {
      report.problems.push(notAFile(path, facts));
      return null;
    }
    const real = link ? await realPath(path) : join(realFolder, basename(path));
    return { path, real, size: facts.size, mtimeMs: facts.mtimeMs };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    report.problems.push({
      severity: 'warning',
      code: 'image-missing',
      message:
        code === 'ENOENT'
          ? `The image ${path} is not there (a link to nothing, or removed meanwhile).`
          : `The image ${path} cannot be looked at (${code}).`,
      hint: await whereToFind(path),
      file: path,
    });
    return null;
  }
}

function notAFile(path: string, facts: Stats): DatasetProblem {
  const kind = facts.isDirectory() ? 'a folder' : facts.isFIFO() ? 'a named pipe (FIFO)' : 'a socket or device';
  return {
    severity: 'error',
    code: 'image-not-a-file',
    message: `The image ${path} cannot be read: it is ${kind}, not a file.`,
    hint: 'Put an image in its place, or rename or remove it; then rescan.',
    file: path,
  };
}

/** A hint about the missing target of a link, which a tool may not have fetched yet. */
async function whereToFind(path: string): Promise<string> {
  const store = storeOf(await readlink(nativePath(path)).catch(() => ''));
  if (store !== null) return `Run "${fetchCommand[store]}" to fetch its content, then rescan.`;
  return 'Put the file back or remove its entry, then rescan.';
}
