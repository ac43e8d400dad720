import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { privateFile } from '../platform/privateFiles.ts';
import { writeAtomic } from '../platform/atomicWrite.ts';
import { isMissing } from '../platform/fileErrors.ts';
import { fileError } from './embeddingError.ts';

/** Reads the centre of a space: CRC-32 of the rest (u32), dimensions (u32), numbers (float32), all little-endian. */
export async function readCentre(path: string, dimensions: number): Promise<Float32Array | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileError(error, path, 'read');
  }
  const whole = bytes.length === 8 + dimensions * 4 && bytes.readUInt32LE(4) === dimensions;
  if (!whole || crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0)) return null;
  return Float32Array.from({ length: dimensions }, (_, i) => bytes.readFloatLE(8 + i * 4));
}

/** Writes the centre unless another process was first. @returns the stored centre. */
export async function writeCentre(path: string, centre: Float32Array): Promise<Float32Array> {
  const earlier = await readCentre(path, centre.length);
  if (earlier !== null) return earlier;
  const bytes = Buffer.alloc(8 + centre.length * 4);
  bytes.writeUInt32LE(centre.length, 4);
  for (const [i, value] of centre.entries()) bytes.writeFloatLE(value, 8 + i * 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  try {
    await writeAtomic(path, bytes, { mode: privateFile, onlyNew: true });
  } catch {
    // The first process wins. Replace a damaged file; also fall back if the file system has no links.
    if ((await readCentre(path, centre.length)) === null) {
      await writeAtomic(path, bytes, { mode: privateFile }).catch((failure: unknown) => {
        throw fileError(failure, path, 'write');
      });
    }
  }
  return (await readCentre(path, centre.length)) ?? centre;
}
