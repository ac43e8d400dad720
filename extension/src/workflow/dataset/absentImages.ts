import type { Ports } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import { ImageLocator } from './images.ts';
import type { ImageRow } from '../ports/store/images.ts';

/** A labelled image that cannot be used for training or validation. */
export interface AbsentImage {
  /** Absolute path. */
  readonly file: string;
  readonly isValidation: boolean;
  /** `missing`: the file is gone; `broken`: `problem` describes what is wrong. */
  readonly state: 'missing' | 'broken';
  readonly problem: string | null;
}

/** Counts missing images only while their folder belongs to the dataset: an image in a removed folder is not a loss. */
export async function missingImages(ports: Pick<Ports, 'store'>, datasetId: number): Promise<ImageRow[]> {
  const rows = await ports.store.images.find({ datasetId, states: ['missing'] });
  if (rows.length === 0) return [];
  const { source } = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  const roots = await ports.store.datasets.roots(datasetId);
  const left = new Set(
    roots.filter((root) => root.kind === 'pool' && !source.poolFolders.includes(root.path)).map((root) => root.id),
  );
  return rows.filter((row) => !left.has(row.rootId));
}

/** The labelled images that training and validation cannot use now, by path. */
export async function absentImages(ports: Pick<Ports, 'store'>, datasetId: number): Promise<AbsentImage[]> {
  const missing = await missingImages(ports, datasetId);
  const broken = await ports.store.images.find({ datasetId, states: ['broken'] });
  const locator = await ImageLocator.of(ports, datasetId);
  return [...missing, ...broken].flatMap((row): AbsentImage[] => {
    const { labelHash, split, state, problem } = row;
    if (labelHash === null || (state !== 'missing' && state !== 'broken')) return [];
    return [{ file: locator.path(row), isValidation: split === 'val', state, problem }];
  });
}

/** Notes for the user: one line for missing images and one for unreadable images. */
export function absentImageNotes(absent: readonly AbsentImage[]): string[] {
  const missing = absent.filter(({ state }) => state === 'missing');
  const broken = absent.filter(({ state }) => state === 'broken');
  return [
    ...(missing.length === 0
      ? []
      : [
          `${labelledImages(missing)} missing: ${firstNames(missing.map(({ file }) => file))}. Bring them back, or remove their label files.`,
        ]),
    ...(broken.length === 0 ? [] : [`${labelledImages(broken)} left out: ${firstNames(broken.map(whatIsWrong))}.`]),
  ];
}

/** The path and its problem; most problem texts already begin with the path. */
function whatIsWrong({ file, problem }: AbsentImage): string {
  if (problem === null) return file;
  const reason = problem.replace(/\.$/, '');
  const subject = `The image ${file} `;
  return reason.startsWith(subject) ? `${file} ${reason.slice(subject.length)}` : `${file} (${reason})`;
}

/** "3 labelled images, 1 of them for validation, are" */
function labelledImages(images: readonly AbsentImage[]): string {
  const count = images.length;
  const validation = images.filter(({ isValidation }) => isValidation).length;
  const those = validation === 0 ? '' : count === 1 ? ' for validation' : `, ${validation} of them for validation,`;
  return `${count} labelled ${count === 1 ? 'image' : 'images'}${those} ${count === 1 ? 'is' : 'are'}`;
}

const shown = 5;

/** The first few of a list, and the number of the rest. */
export function firstNames(names: readonly string[]): string {
  const more = names.length - shown;
  return `${names.slice(0, shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
