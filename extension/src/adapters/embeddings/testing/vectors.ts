import { createHash } from 'node:crypto';
import type { EmbeddingEntry, EmbeddingSpace } from '../../../workflow/ports/embeddings.ts';

export const space: EmbeddingSpace = { key: 'd1-abc', dimensions: 48 };

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A vector that depends on image and version. Like pooled features, it has mostly small, distinct values. */
export function vectorOf(imageId: number, version = 0, dimensions = space.dimensions): Float32Array {
  return Float32Array.from({ length: dimensions }, (_, i) => Math.sin(imageId * 12.9898 + i * 78.233 + version) * 3);
}

export function entry(imageId: number, version = 0): EmbeddingEntry {
  return { imageId, contentHash: hashOf(`${imageId} ${version}`), vector: vectorOf(imageId, version) };
}
