import { dirname } from 'node:path';
import { DatasetError } from '../../../core/dataset/errors.ts';
import type { DatasetProblem } from '../../../core/dataset/types.ts';
import { shortened } from '../../../core/dataset/yamlScalars.ts';
import { extensionOf, isReadableImageName, unsupportedReason } from '../images/imageFormats.ts';
import { kindOf, resolveExisting } from './splitPaths.ts';
import { readTextFile } from '../textFile.ts';

/** Limits of an image list; also in docs/datasets.md. */
const mostBytes = 100 * 1024 * 1024;
const mostLines = 1_000_000;
const longestLine = 4096;

/** A non-empty line of a `.txt` image list. */
export type ListedLine =
  | { readonly kind: 'image'; readonly path: string; readonly entry: string; readonly line: number }
  | { readonly kind: 'unsupported'; readonly path: string }
  | { readonly kind: 'other'; readonly problem: DatasetProblem };

/**
 * Reads a `.txt` image list as Ultralytics does: one path per line, either absolute or relative to the list if it begins
 * with `./`. Other paths are relative to `base` (Ultralytics uses the working folder).
 * @throws DatasetError `encoding-unknown`, `file-too-large`, `not-a-file`; file system errors.
 */
export async function* readImageList(file: string, base: string): AsyncGenerator<ListedLine> {
  const { text } = await readTextFile(file, mostBytes);
  let line = 0;
  for (const raw of linesOf(text)) {
    line++;
    if (line > mostLines) throw tooLong(file);
    const entry = raw.trim();
    if (entry === '') continue;
    if (entry.length > longestLine || entry.includes('\0')) {
      yield { kind: 'other', problem: noImage(file, line, entry, 'which is no path') };
      continue;
    }
    const path = await resolveExisting(listFolder(entry, file, base), entry);
    if (isReadableImageName(path)) yield { kind: 'image', path, entry, line };
    else if (unsupportedReason(path) !== null) yield { kind: 'unsupported', path };
    else {
      const what = `which is no image (extension "${shortened(extensionOf(path))}")`;
      yield { kind: 'other', problem: noImage(file, line, entry, what) };
    }
  }
}

/** A prefix, such as CVAT's `data/`, without which the file of a line exists; `null` if there is none. */
export async function needlessPrefix(entry: string, file: string, base: string): Promise<string | null> {
  const parts = entry.split(/[\\/]/u);
  for (let skipped = 1; skipped < Math.min(parts.length, 12); skipped++) {
    const rest = parts.slice(skipped).join('/');
    for (const folder of [base, dirname(file)]) {
      if ((await kindOf(await resolveExisting(folder, rest))) === 'file') return entry.slice(0, -rest.length);
    }
  }
  return null;
}

function* linesOf(text: string): Generator<string> {
  const end = /\r\n|\n|\r/gu;
  let start = 0;
  for (let match = end.exec(text); match !== null; match = end.exec(text)) {
    yield text.slice(start, match.index);
    start = end.lastIndex;
  }
  yield text.slice(start);
}

function listFolder(entry: string, file: string, base: string): string {
  return /^\.[\\/]/u.test(entry) ? dirname(file) : base;
}

function noImage(file: string, line: number, entry: string, what: string): DatasetProblem {
  return {
    severity: 'warning',
    code: 'list-entry-no-image',
    message: `Line ${line} of ${file} names "${shortened(entry)}", ${what}.`,
    hint: 'Write one path of an image a line.',
    file,
    line,
  };
}

function tooLong(file: string): DatasetError {
  return new DatasetError(
    'file-too-large',
    `${file} has more than ${mostLines.toLocaleString('en')} lines, the most that a list of images may have.`,
    'Name folders in place of the list, or a part of the images.',
    { where: file },
  );
}
