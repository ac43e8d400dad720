import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const endRecord = 0x06054b50;
const entryRecord = 0x02014b50;
const deflated = 8;

function findEnd(bytes) {
  for (let at = bytes.length - 22; at >= 0; at -= 1) if (bytes.readUInt32LE(at) === endRecord) return at;
  throw new Error('This is no zip file.');
}

/**
 * The files in a zip archive, such as a VSIX: names, sizes in bytes, and where their data begin. Archives of 4 GB and more
 * and encrypted ones are not read. Format: PKWARE's APPNOTE 6.3.10, 4.3.
 */
export function readZip(path) {
  const bytes = readFileSync(path);
  const end = findEnd(bytes);
  const entries = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (bytes.readUInt32LE(at) !== entryRecord) throw new Error(`The directory of ${path} is damaged.`);
    const nameLength = bytes.readUInt16LE(at + 28);
    const extra = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const entry = {
      name,
      method: bytes.readUInt16LE(at + 10),
      compressed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      header: bytes.readUInt32LE(at + 42),
    };
    if (!name.endsWith('/')) entries.push(entry);
    at += 46 + nameLength + extra;
  }
  return { bytes, entries };
}

/** Unpacks a zip archive into a folder. */
export function unzip(path, folder) {
  const { bytes, entries } = readZip(path);
  for (const { name, method, compressed, header } of entries) {
    const begin = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
    const data = bytes.subarray(begin, begin + compressed);
    const target = join(folder, name);
    if (!target.startsWith(join(folder, '/')))
      throw new Error(`${path} holds "${name}", which leads out of its folder.`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, method === deflated ? inflateRawSync(data) : data);
  }
}
