import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that may be a score plug-in. */
export interface FoundPlugin {
  readonly file: string;
  /** Changes with its content and the content of every file that it may import: those in the same folder and below. */
  readonly digest: string;
}

/**
 * The plug-ins of a folder in the order of their names: every `.mjs` and `.js` file directly in it. Plug-ins may import
 * each other and files in subfolders, so a change of any of these files counts as a change of every plug-in.
 * @returns an empty list if the folder does not exist.
 */
export async function findPlugins(folder: string): Promise<FoundPlugin[]> {
  const files = await filesBelow(folder);
  const own = files.filter(({ depth, name }) => depth === 0 && /\.m?js$/.test(name));
  if (own.length === 0) return [];
  const shared = createHash('sha256');
  for (const { path } of files.filter(({ depth, name }) => depth > 0 || code.test(name))) {
    shared
      .update(path.slice(folder.length))
      .update('\0')
      .update(await contentOf(path))
      .update('\0');
  }
  const imported = shared.digest('hex');
  return own.map(({ path, name }) => ({
    file: path,
    digest: createHash('sha256').update(name).update(imported).digest('hex'),
  }));
}

/** File names that a module may import, without notes and types. */
const code = /\.([cm]?js|json)$/;

interface FolderFile {
  readonly path: string;
  readonly name: string;
  /** 0 for files directly in the folder. */
  readonly depth: number;
}

/** Installed packages are assumed not to change, because reading them all would take too long. */
const unread = new Set(['node_modules']);

async function filesBelow(folder: string, depth = 0): Promise<FolderFile[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const files: FolderFile[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!unread.has(entry.name)) files.push(...(await filesBelow(path, depth + 1)));
    } else files.push({ path, name: entry.name, depth });
  }
  return files;
}

/** The content of a file; loading reports a missing or unreadable one. */
async function contentOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch {
    return new Uint8Array();
  }
}
