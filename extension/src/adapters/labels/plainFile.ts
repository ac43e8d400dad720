import { close, constants, open, read, stat } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { fetchCommand, storeOf } from '../../core/dataset/pointerFile.ts';
import { LabelError } from '../../core/dataset/errors.ts';
import { nativePath } from '../platform/bytePaths.ts';

/** Maximum size of a label file: 20,000 boxes take 1 MB, and a polygon of 1,000 points 20 kB. */
export const mostLabelBytes = 8 * 1024 * 1024;

// With thousands of small files, the callback API takes a third of the time of the promise API.
const calls = { close: promisify(close), open: promisify(open), read: promisify(read), stat: promisify(stat) };

// Don't block if a FIFO replaces the file after the check. Windows has neither flag.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const firstRead = 64 * 1024;

/**
 * The bytes of a regular file. Follows links. Opens regular files only: reading a FIFO would block, and a device may have
 * no end.
 * @throws LabelError `unreadable` for a folder, FIFO, socket, device or more than `mostBytes`; file system errors.
 */
export async function readPlainFile(path: string, mostBytes: number): Promise<Uint8Array> {
  const facts = await calls.stat(nativePath(path));
  if (!facts.isFile()) throw unreadable(path, `it is ${kindOf(facts)}, not a file`);
  if (facts.size > mostBytes) throw tooLarge(path, mostBytes);
  const handle = await calls.open(nativePath(path), flags);
  try {
    // Some file systems report size 0, so read to the end in any case.
    let bytes = Buffer.allocUnsafe(facts.size || firstRead);
    let length = 0;
    for (;;) {
      const { bytesRead } = await calls.read(handle, bytes, length, bytes.length - length, null);
      length += bytesRead;
      if (bytesRead === 0 || length === facts.size) return bytes.subarray(0, length);
      if (length > mostBytes) throw tooLarge(path, mostBytes);
      if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(bytes.length)]);
    }
  } finally {
    await calls.close(handle);
  }
}

/**
 * Rejects a missing file if it or a folder above is a dead link: its content is unknown, so it must not count as a file
 * that never existed.
 * @throws LabelError `unreadable` in that case.
 */
export async function refuseDeadLink(path: string): Promise<void> {
  for (let at = path; ; at = dirname(at)) {
    const facts = await lstat(nativePath(at)).catch(() => null);
    if (facts === null && dirname(at) !== at) continue;
    if (!facts?.isSymbolicLink() || (at !== path && (await calls.stat(nativePath(at)).catch(() => null)) !== null))
      return;
    const target = await readlink(nativePath(at)).catch(() => 'unknown');
    const subject = at === path ? 'it' : `the folder ${at}`;
    const store = storeOf(target);
    throw unreadable(
      path,
      `${subject} is a link to ${target}, where nothing is`,
      store === null
        ? 'Mount the drive that it leads to, or fetch its content ("git annex get", "dvc pull"); remove the link if there is no label. Then rescan.'
        : `Run "${fetchCommand[store]}" to fetch its content, then rescan.`,
    );
  }
}

/** The error for an existing but unusable label file. */
export function unreadable(path: string, why: string, hint?: string, cause?: unknown): LabelError {
  return new LabelError(
    'unreadable',
    `The label file ${path} cannot be read: ${why}. Its image is left out until it can.`,
    hint ?? 'Put a text file in its place, or remove it; then rescan.',
    { where: path, cause },
  );
}

function tooLarge(path: string, mostBytes: number): LabelError {
  return unreadable(
    path,
    `it is larger than ${mostBytes / 1024 / 1024} MiB`,
    'A label file holds one short row a box: make a smaller one, or remove it; then rescan.',
  );
}

function kindOf(facts: { isDirectory(): boolean; isFIFO(): boolean; isSocket(): boolean }): string {
  if (facts.isDirectory()) return 'a folder';
  if (facts.isFIFO()) return 'a named pipe (FIFO)';
  return facts.isSocket() ? 'a socket' : 'a device';
}
