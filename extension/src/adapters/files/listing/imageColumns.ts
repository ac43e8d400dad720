import { join } from 'node:path';
import type { Split } from '../../../core/dataset/types.ts';
import type { DatasetRoot, ListedImage, ListedImages } from '../../../workflow/ports/datasetFiles.ts';

const splits: readonly Split[] = ['train', 'val', 'test', 'pool'];

/** Some images of a listing with one array per field: about a hundred bytes per image, without garbage collection. */
export interface ImageColumns {
  /** Concatenated relative paths in UTF-16, which can represent any name. */
  readonly names: Uint8Array;
  /** The end of each path in `names`, in bytes. */
  readonly ends: Uint32Array;
  readonly roots: Uint32Array;
  readonly splits: Uint8Array;
  readonly sizes: Float64Array;
  readonly times: Float64Array;
  /** Index into `groupNames`, or -1. */
  readonly groups: Int32Array;
  readonly groupNames: readonly string[];
}

/** Converts images to columns, without `absolutePath`, which follows from root and relative path. */
export function toColumns(images: readonly ListedImage[]): ImageColumns {
  const encoded = images.map(({ relativePath }) => Buffer.from(relativePath, 'utf16le'));
  let end = 0;
  const groupIds = new Map<string, number>();
  const groupOf = (name: string | null): number => {
    if (name === null) return -1;
    const id = groupIds.get(name) ?? groupIds.size;
    groupIds.set(name, id);
    return id;
  };
  return {
    names: new Uint8Array(Buffer.concat(encoded)),
    ends: Uint32Array.from(encoded, ({ length }) => (end += length)),
    roots: Uint32Array.from(images, ({ root }) => root),
    splits: Uint8Array.from(images, ({ split }) => splits.indexOf(split)),
    sizes: Float64Array.from(images, ({ size }) => size),
    times: Float64Array.from(images, ({ mtimeMs }) => mtimeMs),
    groups: Int32Array.from(images, ({ captureGroup }) => groupOf(captureGroup)),
    groupNames: [...groupIds.keys()],
  };
}

/** Images in columns; creates rows on demand. */
export class ColumnImages implements ListedImages {
  readonly length: number;
  readonly #roots: readonly DatasetRoot[];
  readonly #parts: readonly ImageColumns[];

  constructor(roots: readonly DatasetRoot[], parts: readonly ImageColumns[]) {
    this.#roots = roots;
    this.#parts = parts;
    this.length = parts.reduce((sum, { ends }) => sum + ends.length, 0);
  }

  slice(start: number, end: number): ListedImage[] {
    const rows: ListedImage[] = [];
    let first = 0;
    for (const part of this.#parts) {
      const last = first + part.ends.length;
      for (let at = Math.max(start, first); at < Math.min(end, last); at++) rows.push(this.#row(part, at - first));
      first = last;
    }
    return rows;
  }

  #row(part: ImageColumns, at: number): ListedImage {
    const root = part.roots[at] ?? 0;
    const { buffer, byteOffset, byteLength } = part.names;
    const relativePath = Buffer.from(buffer, byteOffset, byteLength).toString(
      'utf16le',
      at === 0 ? 0 : part.ends[at - 1],
      part.ends[at],
    );
    return {
      root,
      relativePath,
      absolutePath: join(this.#roots[root]?.path ?? '', relativePath),
      split: splits[part.splits[at] ?? 0] ?? 'train',
      size: part.sizes[at] ?? 0,
      mtimeMs: part.times[at] ?? 0,
      captureGroup: part.groupNames[part.groups[at] ?? -1] ?? null,
    };
  }
}
