import { basename } from 'node:path';
import type { BatchPreview, ClassBalance, PreviewImage } from '../../workflow/iteration/selection/previewBatch.ts';
import type { Localiser } from './localiser.ts';

/** A line in the preview of a batch. */
export type BatchLine =
  | { readonly kind: 'heading'; readonly label: string }
  | { readonly kind: 'note' | 'class'; readonly label: string; readonly description: string }
  | {
      readonly kind: 'image';
      readonly label: string;
      readonly description: string;
      readonly change: 'comes' | 'leaves';
      readonly path: string;
    };

/** "Images: 5 added, 5 removed, 15 unchanged". */
export function batchSummary(l10n: Localiser, preview: BatchPreview): string {
  const { entering, leaving, after } = preview;
  if (entering.length === 0 && leaving.length === 0) return l10n.t('The batch does not change.');
  const staying = after.length - entering.length;
  return l10n.t('Images: {0} added, {1} removed, {2} unchanged', entering.length, leaving.length, staying);
}

/** Added and removed images, the class balance and notes, each below a heading. */
export function batchLines(l10n: Localiser, preview: BatchPreview): readonly BatchLine[] {
  const lines: BatchLine[] = [];
  const add = (label: string, members: readonly BatchLine[]): void => {
    if (members.length > 0) lines.push({ kind: 'heading', label }, ...members);
  };
  add(
    l10n.t('Added'),
    preview.entering.map((image) => imageLine(image, 'comes')),
  );
  add(
    l10n.t('Removed'),
    preview.leaving.map((image) => imageLine(image, 'leaves')),
  );
  const known = preview.classes.some(({ before, after }) => before > 0 || after > 0);
  add(l10n.t('Expected boxes by class'), known ? preview.classes.map((one) => classLine(l10n, one)) : []);
  add(
    l10n.t('Notes'),
    preview.notes.map((label) => ({ kind: 'note', label, description: '' })),
  );
  return lines;
}

function imageLine({ path, reasons }: PreviewImage, change: 'comes' | 'leaves'): BatchLine {
  return { kind: 'image', label: basename(path), description: reasons.join('; '), change, path };
}

function classLine(l10n: Localiser, { name, labelled, before, after }: ClassBalance): BatchLine {
  const description = l10n.t('{0} → {1}, {2} labelled so far', before.toFixed(1), after.toFixed(1), labelled);
  return { kind: 'class', label: name, description };
}
