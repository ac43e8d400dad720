import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { makePrivateFolder, privateFile } from './privateFiles.ts';
import { nativePath } from './bytePaths.ts';
import { leaseIsAlive } from './lease.ts';

/** A name of `temporaryName`, with the process that made it. */
const temporaryForm = /^\.al-(\d+)-[0-9a-f]+\.tmp$/u;
const noteForm = /^(\d+)-[0-9a-f]{12}$/u;
/** Longer than any path. */
const mostNoteBytes = 64 * 1024;

/** A name for a temporary file: short, so that a long name beside it cannot exceed the limit; hidden, so that no scan lists it. */
export function temporaryName(): string {
  return `.al-${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
}

/** Removes the temporary files of a folder whose processes were killed before they could rename them. */
export async function sweepFolder(folder: string): Promise<void> {
  const names = await readdir(nativePath(folder)).catch(() => []);
  for (const name of names) {
    const pid = Number(temporaryForm.exec(name)?.[1] ?? process.pid);
    if (!(await isRunning(pid))) await removeFile(join(folder, name));
  }
}

/** Remembers in which folders files are just written, so that the next start need not look everywhere for what a kill left. */
export interface UnfinishedWrites {
  /** Does `work`, which writes to `folder` by way of temporary files. */
  during<Result>(folder: string, work: () => Promise<Result>): Promise<Result>;
  /** Removes what killed processes left in the folders that they wrote to. */
  sweep(): Promise<void>;
}

/** @param notes a folder of our own: one small file for each write under way, named by its process. */
export function createUnfinishedWrites(notes: string): UnfinishedWrites {
  return {
    async during(folder, work) {
      const note = join(notes, `${process.pid}-${randomBytes(6).toString('hex')}`);
      // Without a note, a kill may leave a temporary file. That is no reason not to write.
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

/** Only a file: what is behind a link, or in a folder of such a name, is not ours. */
async function removeFile(path: string): Promise<void> {
  const facts = await lstat(nativePath(path)).catch(() => null);
  if (facts?.isFile()) await unlink(nativePath(path)).catch(() => {});
}

/** Only the process id is known here, so a later process with the same id keeps a file from being removed for a while. */
function isRunning(pid: number): Promise<boolean> {
  return leaseIsAlive({ pid, startTime: '', nonce: '' });
}
