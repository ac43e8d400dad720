import { isUtf8 } from 'node:buffer';
import { realpathSync } from 'node:fs';
import { realpath } from 'node:fs/promises';

/*
 * A file name on Linux is bytes, and not always UTF-8: a zip file that was made on Chinese Windows unpacks to names in
 * GBK. As a text each byte that belongs to no character is one of 128 private characters at the end of Unicode, so that
 * such a path can be stored, sent and compared like any other; a call to the system gets the bytes back.
 */

/** The private character of the byte 0. */
const first = 0x10_fe00;
const escaped = /[\u{10FE80}-\u{10FEFF}]/u;

/** A name or path of the system as text. */
export function textOfPath(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // A private character that is in the name is written as its bytes, so that no two names become one.
  if (isUtf8(bytes) && !escaped.test(text)) return text;
  let result = '';
  for (let at = 0; at < bytes.length;) {
    const size = [1, 2, 3, 4].find((length) => isCharacter(bytes.subarray(at, at + length)));
    result +=
      size === undefined ? String.fromCodePoint(first + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + size);
    at += size ?? 1;
  }
  return result;
}

function isCharacter(bytes: Buffer): boolean {
  return isUtf8(bytes) && !escaped.test(bytes.toString('utf8'));
}

/** Whether a path holds bytes that are no UTF-8. */
export function hasBytes(path: string): boolean {
  return escaped.test(path);
}

/** The path as calls of the system take it. */
export function nativePath(path: string): string | Buffer {
  if (!hasBytes(path)) return path;
  const parts = path.split(/([\u{10FE80}-\u{10FEFF}])/u);
  return Buffer.concat(
    parts.map((part) =>
      hasBytes(part) ? Buffer.from([(part.codePointAt(0) ?? first) - first]) : Buffer.from(part, 'utf8'),
    ),
  );
}

/** The path as a person reads it: each such byte as `\xD5`. */
export function shownPath(path: string): string {
  return path.replaceAll(/[\u{10FE80}-\u{10FEFF}]/gu, (char) => {
    return `\\x${((char.codePointAt(0) ?? first) - first).toString(16).toUpperCase()}`;
  });
}

/**
 * The same call, with paths of any bytes. @param paths how many of its first arguments are paths.
 */
export function native<Arguments extends readonly unknown[], Result>(
  call: (...args: Arguments) => Result,
  paths = 1,
): (...args: Arguments) => Result {
  return (...args) => {
    const taken = args.map((arg, index) => (index < paths && typeof arg === 'string' ? nativePath(arg) : arg));
    return call(...(taken as unknown as Arguments));
  };
}

/** `realpath` of a path of any bytes, as text. */
export async function realPath(path: string): Promise<string> {
  if (!hasBytes(path)) {
    const real = await realpath(path);
    if (!real.includes('\uFFFD')) return real;
  }
  return textOfPath(await realpath(nativePath(path), { encoding: 'buffer' }));
}

/** The same at once. */
export function realPathSync(path: string): string {
  if (process.platform !== 'linux') return realpathSync(path);
  // Without `native` it goes through texts.
  return textOfPath(realpathSync.native(nativePath(path), { encoding: 'buffer' }));
}
