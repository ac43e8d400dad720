import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { LabelContent } from '../../workflow/ports/labelSource.ts';

/**
 * The text of a label file's bytes. Bytes that are no UTF-8 become lone surrogates U+DC80…U+DCFF (as Python's
 * `surrogateescape` does), so that a comment in another encoding survives an edit of the rows around it.
 */
export function decodeLabelText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
  return text;
}

/** The bytes of a label text: UTF-8, and lone surrogates of `decodeLabelText` as the bytes that they stand for. */
export function encodeLabelText(text: string): Uint8Array {
  if (!/[\uD800-\uDFFF]/u.test(text)) return Buffer.from(text, 'utf8');
  const parts = text.split(/([\uDC80-\uDCFF]+)/u);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 0 ? Buffer.from(part, 'utf8') : Buffer.from([...part].map((unit) => unit.charCodeAt(0) - 0xdc00)),
    ),
  );
}

/** SHA-256, hex. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A label file's bytes as the port wants them. */
export function toLabelContent(bytes: Uint8Array): LabelContent {
  return { text: decodeLabelText(bytes), hash: hashOf(bytes) };
}
