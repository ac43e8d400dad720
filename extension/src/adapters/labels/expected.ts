import { LabelError } from '../../core/dataset/errors.ts';

/**
 * @param actual hash of what is there, `null` when there is no file.
 * @param expected what the caller last saw; `undefined` when it does not care.
 * @throws LabelError `changed-outside` when they differ.
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
