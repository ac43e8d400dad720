import { LabelError } from '../../core/dataset/errors.ts';

/**
 * @param actual hash of the file, `null` if there is none.
 * @param expected hash that the caller last read; `undefined` to skip the check.
 * @throws LabelError `changed-outside` if they differ.
 */
export function requireExpected(path: string, actual: string | null, expected: string | null | undefined): void {
  if (expected === undefined || expected === actual) return;
  const how = actual === null ? 'was removed' : expected === null ? 'appeared' : 'was changed';
  throw new LabelError(
    'changed-outside',
    `The label file ${path} ${how} outside since it was last read; nothing was written.`,
    'Look at what it says now, then repeat or drop your change.',
    { where: path },
  );
}
