import { readdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nativePath, realPath } from '../process/bytePaths.ts';

/** A temporary file of `writeFileAtomic`, with the process that made it. */
const temporaryForm = /^\.al-(\d+)-[0-9a-f]+\.tmp$/u;

/** Removes the temporary files beside `path` whose processes were killed before they could rename them. */
export async function sweepBeside(path: string): Promise<void> {
  // Where a link leads is written, not the link.
  const folder = dirname(await realPath(path).catch(() => path));
  const names = await readdir(nativePath(folder)).catch(() => []);
  for (const name of names) {
    const pid = Number(temporaryForm.exec(name)?.[1] ?? process.pid);
    if (!isRunning(pid)) await unlink(nativePath(join(folder, name))).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
