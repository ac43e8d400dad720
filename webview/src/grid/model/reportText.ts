import type { GridReport, LeftOutView } from '../../../../extension/src/protocol/grid.ts';
import { plural, t } from '../strings.ts';

/** "12 images were judged. Left out: 2 with a verdict or labels, 1 with unsaved edits." */
export function reportText({ kind, done, leftOut, failure }: GridReport): string {
  const parts: string[] = [];
  for (const [reason, count] of Object.entries(leftOut)) parts.push(leftOutText(reason as LeftOutView, count, kind));
  const sentences = [doneText(kind, done)];
  if (parts.length > 0) sentences.push(t('Left out: {0}.', parts.join(', ')));
  if (failure !== null) sentences.push(failure);
  return sentences.join(' ');
}

function doneText(kind: GridReport['kind'], done: number): string {
  switch (kind) {
    case 'judged':
      return plural(done, '{0} image was judged.', '{0} images were judged.');
    case 'undone':
      return plural(done, '{0} verdict was taken back.', '{0} verdicts were taken back.');
    case 'queued':
      return plural(done, '{0} image was added to the batch.', '{0} images were added to the batch.');
  }
}

function leftOutText(reason: LeftOutView, count: number, kind: GridReport['kind']): string {
  switch (reason) {
    case 'judged':
      return t('{0} with a verdict or labels', count);
    case 'edited':
      return kind === 'undone' ? t('{0} changed since', count) : t('{0} with edits', count);
    case 'no-boxes':
      return t('{0} without a shown box', count);
    case 'not-open':
      return kind === 'queued'
        ? t('{0} that wait for review or are not in the pool', count)
        : t('{0} outside the batch and the pool', count);
    case 'failed':
      return t('{0} not written', count);
  }
}
