import { createHash } from 'node:crypto';
import { decodeLabelText } from '../../core/dataset/labelText.ts';
import type { LabelContent } from '../../workflow/ports/labelSource.ts';

/** SHA-256, hex. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Converts a label file's bytes to the port's type. */
export function toLabelContent(bytes: Uint8Array): LabelContent {
  return { bytes, text: decodeLabelText(bytes), hash: hashOf(bytes) };
}
