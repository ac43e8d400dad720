import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Every file below a folder, as sorted POSIX paths relative to it. Links are not followed: `npm start` links the
 * checkout into its own cache, and Node's recursive listing would go round and round.
 */
export function filesBelow(folder: string): string[] {
  const files: string[] = [];
  const walk = (part: string): void => {
    for (const entry of readdirSync(join(folder, part), { withFileTypes: true })) {
      const path = part === '' ? entry.name : `${part}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) files.push(path);
    }
  };
  walk('');
  return files.toSorted();
}

/** Moves a folder, also to another disk. The folder that it goes to does not exist yet. */
export function moveFolder(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    rmSync(from, { recursive: true, force: true });
  }
}
