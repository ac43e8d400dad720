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

/** A file that a walk met. */
export interface WalkedFile {
  readonly path: string;
  /** The same file without links on the way: two paths with one of these are one image. */
  readonly real: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** What a walk reports besides the images. */
export interface WalkReport {
  readonly problems: DatasetProblem[];
  /** Paths of image files whose format is not read. */
  readonly unsupported: string[];
  /** Images and folders whose names are no UTF-8. */
  readonly notUtf8: string[];
  /** Paths of text files; they may be labels. */
  readonly texts: string[];
}

interface Folder {
  readonly real: string;
  readonly files: string[];
  readonly folders: string[];
  /** Symbolic links to folders. They come last, so that a folder is listed under its own name if it has one. */
  readonly links: string[];
}

const parallelStats = 16;
/** Entries of folders that are looked at before the first image; docs/datasets.md names this bound and the next. */
const mostWithoutImage = 300_000;
const mostEntries = 10_000_000;

/**
 * Lists the image files of a folder and the ones below, in a fixed order. Hidden files and folders are passed over
 * (so is `.active-learning`), symbolic links are followed, and no folder is listed twice, whatever links lead to it.
 * Works folder by folder and a few files at a time, so that the event loop stays free and a consumer may stop early.
 * What cannot be listed goes to `report`.
 * @throws DatasetError `folder-refused` for a folder in which a search for images would not end;
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

/** One walk: where it was, and how much it saw. */
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

  /** What is in a folder, sorted; `null` if it was listed already or is left out. */
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

  /** The bytes of a name with a replacement character show what it is. */
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
      // A link to nothing matters only if an image was meant.
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
 * Size and time of an image file; `null`, with a problem, when it is gone or no file.
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

/** A link to nothing may lead to what a tool has yet to fetch. */
async function whereToFind(path: string): Promise<string> {
  const store = storeOf(await readlink(nativePath(path)).catch(() => ''));
  if (store !== null) return `Run "${fetchCommand[store]}" to fetch its content, then rescan.`;
  return 'Put the file back or remove its entry, then rescan.';
}
