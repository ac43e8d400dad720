import { isAbsolute } from 'node:path';

/** A line of a file, counted from 0. */
export interface ProblemPlace {
  readonly file: string;
  readonly line: number;
}

/** Weights and programs, which an editor cannot display. */
const binary = /\.(pt|pth|onnx|exe)$|(^|[\\/])[^.\\/]+$/i;

/**
 * Parses the `where` of an error, `file` or `file:line`; `null` if it is not an absolute path to a text file.
 */
export function problemPlace(where: string | undefined): ProblemPlace | null {
  if (where === undefined) return null;
  const [, file = where, line = '1'] = /^(.+):(\d+)$/.exec(where) ?? [];
  return isAbsolute(file) && !binary.test(file) ? { file, line: Math.max(0, Number(line) - 1) } : null;
}
