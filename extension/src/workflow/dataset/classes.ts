import { compareClassNames } from '../../core/dataset/classNames.ts';
import { AppError } from '../../core/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import type { DatasetRow } from '../ports/store/datasets.ts';
import { withLease } from '../shared/withLease.ts';

/** The name cannot be used for a class. */
class ClassNameError extends AppError<'class-name-invalid' | 'class-exists'> {}

const longest = 100;

/**
 * Adds a class to a dataset as the last one, so that existing labels keep their class ids: to its `data.yaml`, or to
 * the database if the dataset is a plain folder. The file is written first; if the process dies in between, the next
 * scan reads the appended name from it.
 * @returns the dataset with its class names. The new class is the last one unless another window has just added it.
 * @throws ClassNameError `class-name-invalid`, `class-exists`; WorkflowError `classes-reordered`, `busy-elsewhere`;
 * ClassFileError if the file cannot be changed.
 */
export async function addClass(
  ports: Pick<Ports, 'classFile' | 'store' | 'system'>,
  datasetId: number,
  wanted: string,
): Promise<DatasetRow> {
  const name = checkedName(wanted);
  return withLease(ports, `classes:${datasetId}`, 'Another window is adding a class to this dataset.', async () => {
    const dataset = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
    requireNew(name, dataset.classNames);
    const { source } = dataset;
    if (source.kind === 'folder') {
      const classNames = [...dataset.classNames, name];
      await ports.store.datasets.update(datasetId, { source: { ...source, classNames }, classNames });
    } else {
      const current = await ports.classFile.read(source.path);
      const change = compareClassNames(dataset.classNames, current);
      if (change.kind === 'reordered' || change.kind === 'removed') {
        throw new WorkflowError('classes-reordered', change.message, change.hint, { where: source.path });
      }
      // The name is in the file if an earlier attempt was interrupted, or if somebody added it by hand.
      const there = current.includes(name);
      if (!there) {
        requireNew(name, current);
        await ports.classFile.append(source.path, current, name);
      }
      await ports.store.datasets.update(datasetId, { classNames: there ? current : [...current, name] });
    }
    return requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  });
}

/** The name without surrounding spaces. */
function checkedName(wanted: string): string {
  const name = wanted.trim().normalize('NFC');
  if (name === '') throw new ClassNameError('class-name-invalid', 'A class needs a name.', 'Type a name.');
  if (name.length > longest) {
    throw new ClassNameError(
      'class-name-invalid',
      `The name has ${name.length}characters; the limit is ${longest}.`,
      'Choose a shorter name.',
    );
  }
  // Such characters would break the file or be invisible in it. Some scripts need the two joiners.
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200C\u200D])\p{Cf}/u.test(name)) {
    throw new ClassNameError(
      'class-name-invalid',
      'The name contains an invisible character, such as a line break.',
      'Type the name instead of pasting it.',
    );
  }
  return name;
}

function requireNew(name: string, classNames: readonly string[]): void {
  const same = (other: string): boolean => other.normalize('NFC').toLowerCase() === name.toLowerCase();
  const id = classNames.findIndex(same);
  if (id < 0) return;
  throw new ClassNameError(
    'class-exists',
    `There is a class "${classNames[id]}" already (id ${id}).`,
    'Use that one, or choose another name.',
  );
}
