import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatasetProblem } from '../../core/dataset/types.ts';
import { extensionOf, isReadableImageName, unsupportedReason } from './imageFormats.ts';
import { resolveExisting } from './splitPaths.ts';

/** A line of a `.txt` list of images. */
export interface ListedLine {
  readonly path: string;
  readonly line: number;
}

/**
 * Reads a `.txt` list of images as Ultralytics does: one path a line, absolute, or beginning with `./` and then
 * relative to the list. A path of another form is relative to `base` (Ultralytics would take the working folder).
 * Lines that name no readable image become problems.
 */
export async function readImageList(
  file: string,
  base: string,
): Promise<{ lines: ListedLine[]; unsupported: string[]; problems: DatasetProblem[] }> {
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/u, '');
  const lines: ListedLine[] = [];
  const unsupported: string[] = [];
  const problems: DatasetProblem[] = [];
  for (const [index, raw] of text.split(/\r\n|\n|\r/u).entries()) {
    const entry = raw.trim();
    if (entry === '') continue;
    const path = await resolveExisting(/^\.[\\/]/u.test(entry) ? dirname(file) : base, entry);
    if (isReadableImageName(path)) lines.push({ path, line: index + 1 });
    else if (unsupportedReason(path) !== null) unsupported.push(path);
    else {
      problems.push({
        severity: 'warning',
        code: 'list-entry-no-image',
        message: `Line ${index + 1} of ${file} names "${entry}", which is no image (extension "${extensionOf(path)}").`,
        hint: 'Write one path of an image a line.',
        file,
        line: index + 1,
      });
    }
  }
  return { lines, unsupported, problems };
}
