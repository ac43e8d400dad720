import { isUtf8 } from 'node:buffer';
import { realpathSync } from 'node:fs';
import { realpath } from 'node:fs/promises';

/*
 * A file name on Linux is a sequence of bytes, not always valid UTF-8: a zip file from Chinese Windows unpacks to names
 * in GBK. In text, each invalid byte becomes one of 128 private characters at the end of Unicode, so that such a path
 * can be stored, sent and compared like any other. System calls get the original bytes.
 */

/** The private character for byte 0. */
const first = 0x10_fe00;
const escaped = /[\u{10FE80}-\u{10FEFF}]/u;

/** Converts a name or path from the system to text. */
export function textOfPath(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // Also escape a private character in the name, byte by byte, so that different names stay different.
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

/** Whether a path contains invalid UTF-8. */
export function hasBytes(path: string): boolean {
  return escaped.test(path);
}

/** Converts a path to the form for system calls. */
export function nativePath(path: string): string | Buffer {
  if (!hasBytes(path)) return path;
  const parts = path.split(/([\u{10FE80}-\u{10FEFF}])/u);
  return Buffer.concat(
    parts.map((part) =>
      hasBytes(part) ? Buffer.from([(part.codePointAt(0) ?? first) - first]) : Buffer.from(part, 'utf8'),
    ),
  );
}

/** The path in readable form, with each invalid byte as `\xD5`. */
export function shownPath(path: string): string {
  return path.replaceAll(/[\u{10FE80}-\u{10FEFF}]/gu, (char) => {
    return `\\x${((char.codePointAt(0) ?? first) - first).toString(16).toUpperCase()}`;
  });
}

/**
 * Wraps a system call so that it accepts paths of any bytes. @param paths number of leading arguments that are paths.
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

/** `realpath` for paths of any bytes, as text. */
export async function realPath(path: string): Promise<string> {
  if (!hasBytes(path)) {
    const real = await realpath(path);
    if (!real.includes('\uFFFD')) return real;
  }
  return textOfPath(await realpath(nativePath(path), { encoding: 'buffer' }));
}

/** The synchronous version of `realPath`. */
export function realPathSync(path: string): string {
  if (process.platform !== 'linux') return realpathSync(path);
  // The version without `native` converts paths to text.
  return textOfPath(realpathSync.native(nativePath(path), { encoding: 'buffer' }));
}
