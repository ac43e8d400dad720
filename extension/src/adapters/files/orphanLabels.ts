import { existsSync } from 'node:fs';
import { open, opendir, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, parse, sep } from 'node:path';
import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import { labelPathOf, looseName } from '../../core/dataset/labelPaths.ts';
import type { DatasetProblem } from '../../core/dataset/types.ts';
import { isReadableImageName } from './images/imageFormats.ts';
import { isInside } from './listing/imageCollector.ts';

export interface OrphanSearch {
  /** Absolute paths of all images of the dataset. */
  readonly images: Iterable<string>;
  /** Folders and lists that name the images. */
  readonly sources: readonly string[];
  readonly roots: readonly string[];
  /** Text files in the folders of the images. */
  readonly texts: readonly string[];
}

const labelFolderForm = /^(?:labels?|annotations?)(?:$|[\W_])/iu;
const imageFolderForm = /^images?$/iu;
/** Names of empty files that are not labels of background images. */
const noLabelForm = /^(?:readme|notes?|classes|predefined_classes|labels|names)\.txt$/iu;
/** Beyond this number, files are not opened to check whether they hold rows. */
const mostOpened = 500;
const mostEntries = 1_000_000;
const mostPlaces = 6;
const mostNames = 3;

/**
 * One warning about label files without an image: no program reads them, so their images count as unlabelled and are
 * labelled again. Walks each label folder once. Ignores label files of images that exist outside the dataset, and text
 * files without label rows.
 */
export async function orphanLabelProblem(search: OrphanSearch): Promise<DatasetProblem[]> {
  const expected = new Set<string>();
  const imageFolders = new Set<string>();
  for (const image of search.images) {
    expected.add(labelPathOf(image));
    imageFolders.add(dirname(image));
  }
  const visited = new Set<string>();
  const found = new Set(search.texts);
  for (const folder of await labelFolders(search, imageFolders)) await collectTexts(folder, visited, found);
  const strays = [...found].filter((path) => !expected.has(path));
  if (strays.length === 0) return [];
  const named = namesOf(search.images);
  const spellings = new Map([...expected].map((path) => [spelling(path), path]));
  const images = new ImageNames();
  const orphans: string[] = [];
  let opened = 0;
  for (const path of strays.toSorted()) {
    // A case-insensitive file system finds the file under another spelling too.
    const meant = spellings.get(spelling(path));
    if (meant !== undefined && !found.has(meant) && existsSync(meant)) continue;
    if (await images.hasImageOf(path)) continue;
    if (opened++ < mostOpened && !(await holdsRows(path))) continue;
    orphans.push(path);
  }
  const [first] = orphans;
  if (first === undefined) return [];
  const rename = orphans.flatMap((path) => {
    const target = named.get(looseName(path));
    return target && !found.has(target) ? [{ path, target }] : [];
  })[0];
  const one = orphans.length === 1;
  return [
    {
      severity: 'warning',
      code: 'label-without-image',
      message: `${orphans.length} label ${one ? 'file belongs' : 'files belong'} to no image and ${one ? 'is' : 'are'} not used: ${placesOf(orphans)}.`,
      hint: `Ultralytics looks for .../images/a.jpg in .../labels/a.txt (the last "images" of the path, in lower case), and beside any other image. ${
        rename
          ? `Move or rename them: ${rename.path} would be read as ${rename.target}${looksAlike(rename) ? ' (accents are written in another Unicode form there)' : ''}.`
          : 'Move or rename them so that they fit their images, or remove them.'
      }`,
      file: first,
    },
  ];
}

/** The label folders next to the image folders, in any spelling. */
async function labelFolders(search: OrphanSearch, imageFolders: ReadonlySet<string>): Promise<Set<string>> {
  const parents = new Set<string>();
  for (const start of [...search.sources, ...imageFolders]) {
    for (let at = start; dirname(at) !== at; at = dirname(at)) {
      const parent = dirname(at);
      const belongs = search.roots.some((root) => parent === root || isInside(parent, root));
      if (!belongs && !imageFolderForm.test(basename(at))) break;
      parents.add(parent);
    }
  }
  const folders = new Set<string>();
  for (const parent of parents) {
    for (const entry of await readdir(parent, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isFile() && labelFolderForm.test(entry.name)) folders.add(join(parent, entry.name));
    }
  }
  return folders;
}

async function collectTexts(top: string, visited: Set<string>, found: Set<string>): Promise<void> {
  const pending = [top];
  let entries = 0;
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    try {
      const real = await realpath(path);
      if (visited.has(real)) continue;
      visited.add(real);
      for await (const entry of await opendir(path, { bufferSize: 256 })) {
        if (++entries > mostEntries) return;
        const below = join(path, entry.name);
        // A name with a replacement character is probably invalid UTF-8 and cannot be opened with this text.
        if (entry.name.startsWith('.') || entry.name.includes('\uFFFD')) continue;
        if (/\.txt$/iu.test(entry.name)) found.add(below);
        else if (entry.isDirectory()) pending.push(below);
        else if (entry.isSymbolicLink() && (await isFolder(below))) pending.push(below);
      }
    } catch {
      // Reading a label from an unreadable folder reports it.
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

/** The label path of each image by its loose name; `null` if several images share the name. */
function namesOf(images: Iterable<string>): Map<string, string | null> {
  const names = new Map<string, string | null>();
  for (const image of images) {
    const name = looseName(image);
    const label = labelPathOf(image);
    names.set(name, names.has(name) && names.get(name) !== label ? null : label);
  }
  return names;
}

/** Whether two paths look the same. */
function looksAlike({ path, target }: { readonly path: string; readonly target: string }): boolean {
  return path.normalize('NFC') === target.normalize('NFC');
}

function spelling(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** Finds image files outside the dataset that belong to a label. */
class ImageNames {
  readonly #folders = new Map<string, Promise<ReadonlySet<string>>>();

  async hasImageOf(label: string): Promise<boolean> {
    const folder = dirname(label).replace(/^(.*[\\/])labels(?=$|[\\/])/su, '$1images');
    if (folder === dirname(label) || parse(label).ext !== '.txt') return false;
    const known = this.#folders.get(folder) ?? stemsIn(folder);
    this.#folders.set(folder, known);
    return (await known).has(parse(label).name);
  }
}

async function stemsIn(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder).catch(() => []);
  return new Set(names.filter((name) => isReadableImageName(name)).map((name) => parse(name).name));
}

/** Whether a file is likely a label: it begins with a label row, or is empty and in a label folder. */
async function holdsRows(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false;
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
      const text = buffer.toString('latin1', 0, bytesRead);
      if (text.trim() === '' && noLabelForm.test(basename(path))) return false;
      if (text.trim() === '') return path.split(sep).some((part) => labelFolderForm.test(part));
      const whole = bytesRead < 4096 ? text : text.slice(0, text.lastIndexOf('\n') + 1);
      return boxesOf(parseLabelFile(whole)).length > 0;
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

/** The folders, each with some of its file names, for a message. */
function placesOf(paths: readonly string[]): string {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const files = folders.get(dirname(path));
    if (files) files.push(path);
    else folders.set(dirname(path), [path]);
  }
  const shown = [...folders].slice(0, mostPlaces).map(([folder, files]) => {
    const names = files.slice(0, mostNames).map((file) => basename(file));
    const more = files.length - names.length;
    return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''} in ${folder}`;
  });
  const left = folders.size - shown.length;
  return `${shown.join('; ')}${left > 0 ? `; and in ${left} more folders` : ''}`;
}
