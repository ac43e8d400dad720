import { basename } from 'node:path';
import type { DatasetProblem } from '../../core/dataset/types.ts';
import type { DuplicateReport, ReportedDuplicate, ReportedImage } from '../../workflow/similarity/duplicates.ts';
import type { Localiser } from './localiser.ts';

/** A line in the list of duplicates: a heading, the first image of a group, or a duplicate of it. */
export type DuplicateLine =
  | { readonly kind: 'heading'; readonly label: string }
  | { readonly kind: 'first' | 'other'; readonly label: string; readonly description: string; readonly path: string };

/** The codes of `leakProblems`. */
export const leakCodes = ['content-leak', 'near-duplicate-leak'] as const;

const held = ({ split }: ReportedImage): boolean => split === 'val' || split === 'test';

/** Groups across the validation split first, since they inflate the metrics; then labelled ones, then the pool. */
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
  add(l10n.t('Across the validation split (inflates the metrics)'), [...byHeld.values()].flatMap(linesOf));
  add(l10n.t('Duplicates of a labelled image'), labelled.flatMap(linesOf));
  add(l10n.t('Within the pool'), within.filter((group) => !labelled.includes(group)).flatMap(linesOf));
  return lines;
}

/** "500 images: 12 duplicates in 5 groups". */
export function duplicateSummary(l10n: Localiser, { images, groups, withEmbeddings }: DuplicateReport): string {
  const copies = groups.reduce((sum, { others }) => sum + others.length, 0);
  const counts = l10n.t('{0} images: {1} duplicates in {2} groups', images, copies, groups.length);
  return withEmbeddings ? counts : `${counts}. ${l10n.t('Compared by hash only')}`;
}

/** A warning for each training image that duplicates a held-out one. */
export function leakProblems(l10n: Localiser, { leaks }: DuplicateReport): readonly DatasetProblem[] {
  return leaks.map(({ held: other, image }) => ({
    severity: 'warning',
    code: image.sameFile ? leakCodes[0] : leakCodes[1],
    message: image.sameFile
      ? l10n.t('This is the same image as {0} ({1}).', other.file, other.split)
      : l10n.t('This is a near duplicate of {0} ({1}).', other.file, other.split),
    hint:
      image.state === 'labelled'
        ? l10n.t(
            'The metrics on the {0} split are too optimistic. Remove one of the two, preferably this one.',
            other.split,
          )
        : l10n.t('It is selected only if no other image is left. Remove one of the two, preferably this one.'),
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
