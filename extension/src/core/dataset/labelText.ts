/**
 * The text of a label file's bytes. If they are not UTF-8, every byte above 0x7F becomes a lone surrogate U+DC80…U+DCFF
 * (as Python's `surrogateescape` does), so that a comment in another encoding survives an edit of the rows around it.
 */
export function decodeLabelText(bytes: Uint8Array): string {
  if (bytes.every(isAscii)) return textOf(bytes);
  try {
    return decodeURIComponent(Array.from(bytes, percent).join(''));
  } catch {
    return textOf(Uint16Array.from(bytes, (byte) => (isAscii(byte) ? byte : 0xdc00 + byte)));
  }
}

/** The bytes of a label text: UTF-8, with the lone surrogates of `decodeLabelText` turned back into their bytes. */
export function encodeLabelText(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [index, part] of text.split(/([\uDC80-\uDCFF]+)/u).entries()) {
    const units = index % 2 === 0 ? utf8(part) : part;
    for (let at = 0; at < units.length; at++) bytes.push(units.charCodeAt(at) & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** The text for display: each byte that is not UTF-8 as `\xD5`. */
export function visibleBytes(text: string): string {
  return text.replaceAll(/[\uDC80-\uDCFF]/gu, (byte) => `\\x${(byte.charCodeAt(0) & 0xff).toString(16).toUpperCase()}`);
}

/** UTF-8, one character a byte. */
function utf8(text: string): string {
  if (/^[\0-\x7f]*$/u.test(text)) return text;
  return encodeURIComponent(text.replaceAll(/[\uD800-\uDFFF]/gu, '\uFFFD')).replaceAll(/%(..)/gu, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const isAscii = (byte: number): boolean => byte < 0x80;
const percent = (byte: number): string => `%${byte.toString(16).padStart(2, '0')}`;

function textOf(units: Uint8Array | Uint16Array): string {
  let text = '';
  // The number of arguments of a call is limited.
  for (let at = 0; at < units.length; at += 8192) text += String.fromCharCode(...units.subarray(at, at + 8192));
  return text;
}

/** Whether two files have the same content. `null` means that there is no file. */
export function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
