import { basename } from 'node:path';
import type { DatasetProblem } from '../../core/dataset/types.ts';
import type { DuplicateReport, ReportedDuplicate, ReportedImage } from '../../workflow/similarity/duplicates.ts';
import type { Localiser } from './localiser.ts';

/** A line of the list of duplicates: the heading of some groups, the first of a group, or one that shows the same. */
export type DuplicateLine =
  | { readonly kind: 'heading'; readonly label: string }
  | { readonly kind: 'first' | 'other'; readonly label: string; readonly description: string; readonly path: string };

/** The codes of `leakProblems`. */
export const leakCodes = ['content-leak', 'lookalike-leak'] as const;

const held = ({ split }: ReportedImage): boolean => split === 'val' || split === 'test';

/** Groups across the validation split first, since those flatter the numbers; then labelled ones, then the pool's own. */
export function duplicateLines(l10n: Localiser, { groups, leaks }: DuplicateReport): readonly DuplicateLine[] {
  const lines: DuplicateLine[] = [];
  const add = (label: string, members: readonly DuplicateLine[]): void => {
    if (members.length > 0) lines.push({ kind: 'heading', label }, ...members);
  };
  const byHeld = new Map<string, { first: ReportedImage; others: ReportedDuplicate[] }>();
  for (const { held: first, image } of leaks) {
    const group = byHeld.get(first.file) ?? { first, others: [] };
    group.others.push(image);
    byHeld.set(first.file, group);
  }
  const linesOf = (group: DuplicateReport['groups'][number]): readonly DuplicateLine[] => [
    firstLine(l10n, group.first),
    ...group.others.map((other) => otherLine(l10n, other)),
  ];
  const within = groups.filter(({ first, others }) => !held(first) || others.every((other) => held(other)));
  const labelled = within.filter(({ first }) => first.state === 'labelled');
  add(l10n.t('Across the validation split: these flatter the numbers'), [...byHeld.values()].flatMap(linesOf));
  add(l10n.t('Like a labelled image'), labelled.flatMap(linesOf));
  add(l10n.t('Within the pool'), within.filter((group) => !labelled.includes(group)).flatMap(linesOf));
  return lines;
}

/** "500 images: 12 show the same as another one, in 5 groups". */
export function duplicateSummary(l10n: Localiser, { images, groups, withEmbeddings }: DuplicateReport): string {
  const copies = groups.reduce((sum, { others }) => sum + others.length, 0);
  const counts = l10n.t('{0} images: {1} show the same as another one, in {2} groups', images, copies, groups.length);
  return withEmbeddings ? counts : `${counts}. ${l10n.t('Compared by their hashes alone')}`;
}

/** Each image that shows what a held-out one shows, as a warning at its file. */
export function leakProblems(l10n: Localiser, { leaks }: DuplicateReport): readonly DatasetProblem[] {
  return leaks.map(({ held: other, image }) => ({
    severity: 'warning',
    code: image.sameFile ? leakCodes[0] : leakCodes[1],
    message: image.sameFile
      ? l10n.t('This is the same picture as {0} ({1}).', other.file, other.split)
      : l10n.t('This shows the same as {0} ({1}).', other.file, other.split),
    hint:
      image.state === 'labelled'
        ? l10n.t('The numbers of {0} flatter the model. Remove one of the two, best this one.', other.split)
        : l10n.t('It is chosen only when no other image is left. Remove one of the two, best this one.'),
    file: image.file,
  }));
}

function firstLine(l10n: Localiser, image: ReportedImage): DuplicateLine {
  return { kind: 'first', label: basename(image.file), description: placeOf(l10n, image), path: image.file };
}

function otherLine(l10n: Localiser, image: ReportedDuplicate): DuplicateLine {
  const description = `${placeOf(l10n, image)} · ${likeness(l10n, image)}`;
  return { kind: 'other', label: basename(image.file), description, path: image.file };
}

function placeOf(l10n: Localiser, { split, state }: ReportedImage): string {
  if (split === 'val') return l10n.t('validation');
  if (split === 'test') return l10n.t('test');
  return state === 'labelled' ? l10n.t('labelled') : l10n.t('pool');
}

function likeness(l10n: Localiser, { sameFile, bits, cosine }: ReportedDuplicate): string {
  if (sameFile) return l10n.t('same file');
  const differing = l10n.t('{0} of 64 bits differ', bits);
  return cosine === null ? differing : `${differing}, ${l10n.t('cosine {0}', cosine.toFixed(3))}`;
}
