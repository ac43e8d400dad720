import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { makePrivateFolder, privateFile } from './privateFiles.ts';
import { nativePath } from './bytePaths.ts';
import { leaseIsAlive } from './lease.ts';

/** A name from `temporaryName`, with the id of its process. */
const temporaryForm = /^\.al-(\d+)-[0-9a-f]+\.tmp$/u;
const noteForm = /^(\d+)-[0-9a-f]{12}$/u;
/** Longer than any path. */
const mostNoteBytes = 64 * 1024;

/** A name for a temporary file: short, so that it never exceeds the limit, and hidden, so that scans skip it. */
export function temporaryName(): string {
  return `.al-${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
}

/** Removes temporary files in a folder whose processes were killed before the rename. */
export async function sweepFolder(folder: string): Promise<void> {
  const names = await readdir(nativePath(folder)).catch(() => []);
  for (const name of names) {
    const pid = Number(temporaryForm.exec(name)?.[1] ?? process.pid);
    if (!(await isRunning(pid))) await removeFile(join(folder, name));
  }
}

/** Records the folders of current writes, so that the next start knows where killed processes left temporary files. */
export interface UnfinishedWrites {
  /** Runs `work`, which writes to `folder` through temporary files. */
  during<Result>(folder: string, work: () => Promise<Result>): Promise<Result>;
  /** Removes temporary files of killed processes from the recorded folders. */
  sweep(): Promise<void>;
}

/** @param notes our folder with one small file per current write, named after its process. */
export function createUnfinishedWrites(notes: string): UnfinishedWrites {
  return {
    async during(folder, work) {
      const note = join(notes, `${process.pid}-${randomBytes(6).toString('hex')}`);
      // Continue without a note: at worst, a kill leaves a temporary file.
      await makePrivateFolder(dirname(dirname(notes)), notes)
        .then(() => writeFile(note, folder, { flag: 'wx', mode: privateFile }))
        .catch(() => {});
      try {
        return await work();
      } finally {
        await unlink(note).catch(() => {});
      }
    },
    async sweep() {
      for (const name of await readdir(notes).catch(() => [])) {
        const pid = noteForm.exec(name)?.[1];
        if (pid === undefined || (await isRunning(Number(pid)))) continue;
        const note = join(notes, name);
        const facts = await lstat(note).catch(() => null);
        if (!facts?.isFile() || facts.size > mostNoteBytes) continue;
        const folder = await readFile(note, 'utf8').catch(() => '');
        if (isAbsolute(folder)) await sweepFolder(folder);
        await removeFile(note);
      }
    },
  };
}

/** Removes regular files only; links and folders are not ours. */
async function removeFile(path: string): Promise<void> {
  const facts = await lstat(nativePath(path)).catch(() => null);
  if (facts?.isFile()) await unlink(nativePath(path)).catch(() => {});
}

/** Checks only the process id, so a process with a reused id delays the removal of a file. */
function isRunning(pid: number): Promise<boolean> {
  return leaseIsAlive({ pid, startTime: '', nonce: '' });
}
