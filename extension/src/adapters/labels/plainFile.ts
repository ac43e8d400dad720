import { close, constants, open, read, stat } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { fetchCommand, storeOf } from '../../core/dataset/pointerFile.ts';
import { LabelError } from '../../core/dataset/errors.ts';
import { nativePath } from '../platform/bytePaths.ts';

/** Larger label files are not read: 20,000 boxes are 1 MB, and a polygon of 1,000 points 20 kB. */
export const mostLabelBytes = 8 * 1024 * 1024;

// Thousands of small files are read: with callbacks each costs a third of what it does with promises.
const calls = { close: promisify(close), open: promisify(open), read: promisify(read), stat: promisify(stat) };

// A FIFO that took the file's place after it was looked at must not be waited for. Windows knows neither flag.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const firstRead = 64 * 1024;

/**
 * The bytes of a regular file, links followed. Nothing else is ever opened: reading a FIFO would wait for ever, and a
 * device may have no end.
 * @throws LabelError `unreadable` for a folder, FIFO, socket, device or more than `mostBytes`; errors of the system as they are.
 */
export async function readPlainFile(path: string, mostBytes: number): Promise<Uint8Array> {
  const facts = await calls.stat(nativePath(path));
  if (!facts.isFile()) throw unreadable(path, `it is ${kindOf(facts)}, not a file`);
  if (facts.size > mostBytes) throw tooLarge(path, mostBytes);
  const handle = await calls.open(nativePath(path), flags);
  try {
    // Some file systems give no size; what is there counts.
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
 * Where a file is missing: whether a link to nothing stands in its place or in that of a folder above. Then nobody knows
 * what the file says, and it must not be taken for one that was never there.
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

/** A label file that is there and cannot be used, and why. */
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
