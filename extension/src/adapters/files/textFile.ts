import { isUtf8 } from 'node:buffer';
import { open, stat } from 'node:fs/promises';
import { DatasetError } from '../../core/dataset/errors.ts';

/** The encoding of a text file; `mark` means a byte-order mark. */
export type TextEncoding = 'utf-8' | 'utf-8-mark' | 'utf-16le' | 'utf-16be';

export interface TextFile {
  /** Without byte-order mark. */
  readonly text: string;
  readonly encoding: TextEncoding;
}

/**
 * Reads a text file in the encoding of its byte-order mark, otherwise as UTF-8.
 * @param most maximum number of bytes.
 * @throws DatasetError `not-a-file`, `file-too-large`, `encoding-unknown`; file system errors.
 */
export async function readTextFile(path: string, most: number): Promise<TextFile> {
  return decodeText(await readBytes(path, most), path);
}

async function readBytes(path: string, most: number): Promise<Buffer> {
  // Opening a pipe would block.
  const facts = await stat(path);
  if (!facts.isFile() && !facts.isDirectory()) {
    throw new DatasetError(
      'not-a-file',
      `${path} is a pipe, a device or a socket, not a file.`,
      'Choose a plain file.',
      { where: path },
    );
  }
  const file = await open(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(most + 1 - size, 1 << 20)));
      if (bytesRead === 0) return Buffer.concat(chunks);
      size += bytesRead;
      if (size > most) throw tooLarge(path, most);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

function tooLarge(path: string, most: number): DatasetError {
  return new DatasetError(
    'file-too-large',
    `${path} has more than ${most / 1024 / 1024} MB, the most that is read of such a file.`,
    'Check that this is the right file; a list may be divided into several.',
    { where: path },
  );
}

/** Decodes a file by its byte-order mark, otherwise as UTF-8. @throws DatasetError `encoding-unknown`. */
export function decodeText(bytes: Uint8Array, path: string): TextFile {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe && third === 0 && fourth === 0) throw unknown(path, 'is written in UTF-32');
  if (first === 0xff && second === 0xfe) return { text: fromUtf16(bytes, path), encoding: 'utf-16le' };
  if (first === 0xfe && second === 0xff) {
    const even = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
    return { text: fromUtf16(even.swap16(), path, bytes.length), encoding: 'utf-16be' };
  }
  const marked = first === 0xef && second === 0xbb && third === 0xbf;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(marked ? 3 : 0);
  if (!isUtf8(content)) {
    const at = firstInvalid(content);
    const byte = (content[at] ?? 0).toString(16).toUpperCase().padStart(2, '0');
    throw unknown(path, `is not UTF-8: byte 0x${byte} in line ${lineAt(content, at)}`);
  }
  const nul = content.indexOf(0);
  if (nul >= 0) {
    throw unknown(
      path,
      `is not UTF-8 text: a NUL byte in line ${lineAt(content, nul)} (UTF-16 without a byte-order mark?)`,
    );
  }
  return { text: content.toString('utf8'), encoding: marked ? 'utf-8-mark' : 'utf-8' };
}

function fromUtf16(bytes: Uint8Array, path: string, length = bytes.length): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('utf16le')
    .replace(/^\uFEFF/u, '');
  const half = /\p{Cs}/u.exec(text);
  if (length % 2 === 0 && half === null && !text.includes('\0')) return text;
  const at = half?.index ?? (text.includes('\0') ? text.indexOf('\0') : text.length);
  const line = text.slice(0, at).split('\n').length;
  throw unknown(path, `begins with the mark of UTF-16, but is not UTF-16 text in line ${line}`);
}

/** The position of the first invalid byte: it decodes to a replacement character that is not in the file. */
function firstInvalid(bytes: Buffer): number {
  const text = bytes.toString('utf8');
  let [place, seen] = [0, 0];
  for (let at = text.indexOf('\uFFFD'); at >= 0; at = text.indexOf('\uFFFD', at + 1)) {
    place += Buffer.byteLength(text.slice(seen, at));
    seen = at;
    if (!bytes.subarray(place, place + 3).equals(Buffer.from('\uFFFD'))) break;
  }
  return place;
}

function lineAt(bytes: Buffer, at: number): number {
  return bytes
    .subarray(0, at)
    .toString('latin1')
    .split(/\r\n|\n|\r/u).length;
}

function unknown(path: string, what: string): DatasetError {
  return new DatasetError(
    'encoding-unknown',
    `${path} ${what}.`,
    'Save it as UTF-8: in VS Code choose the encoding in the status bar, "Reopen with Encoding", then "Save with Encoding"; or use "iconv -f <its encoding, such as GBK or WINDOWS-1252> -t UTF-8".',
    { where: path },
  );
}
