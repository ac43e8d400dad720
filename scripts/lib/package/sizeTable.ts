import type { ZipEntry } from './zip.ts';

/** The part of the product that a file of the VSIX belongs to. */
function partOf(name: string): string {
  const native = /^extension\/dist\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name);
  if (native?.[1] !== undefined) return native[1];
  if (name.startsWith('extension/dist/webview/')) return 'panels';
  if (name.startsWith('extension/dist/')) return 'extension, workers, command line';
  if (name.startsWith('extension/trainer/')) return 'trainer (Python)';
  if (name.startsWith('extension/media/')) return 'pictures';
  return 'manifest, texts, licences';
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2).padStart(9);

function line(name: string, files: number | string, packed: string, unpacked: string): string {
  return `${name.padEnd(34)}${String(files).padStart(6)}${packed}${unpacked}`;
}

/** A table of what takes how much room, the largest first. Sizes in MB (1,000,000 bytes). */
export function sizeTable(entries: readonly ZipEntry[], size: number): string {
  const parts = new Map<string, { files: number; compressed: number; unpacked: number }>();
  for (const { name, compressed, size: unpacked } of entries) {
    const part = parts.get(partOf(name)) ?? { files: 0, compressed: 0, unpacked: 0 };
    parts.set(partOf(name), {
      files: part.files + 1,
      compressed: part.compressed + compressed,
      unpacked: part.unpacked + unpacked,
    });
  }
  const rows = [...parts].toSorted(([, a], [, b]) => b.compressed - a.compressed);
  return [
    line('part', 'files', 'packed'.padStart(9), 'unpacked'.padStart(9)),
    ...rows.map(([name, part]) => line(name, part.files, megabytes(part.compressed), megabytes(part.unpacked))),
    line('the file', entries.length, megabytes(size), ''.padStart(9)),
  ].join('\n');
}
