import { keyProblems, suggestedKey, validationKey } from './dataYamlKeys.ts';
import { classNamesFrom } from './dataYamlNames.ts';
import { pathEntry, splitEntries } from './dataYamlSplits.ts';
import { dataYamlExample, readDataYamlTree, type DataYamlTree } from './dataYamlTree.ts';
import { DatasetError } from './errors.ts';
import type { LabelTask } from './labelRow.ts';
import type { DatasetProblem } from './types.ts';
import { isNothing, textOf } from './yamlScalars.ts';

/** A `data.yaml` as written; paths are not resolved. */
export interface DataYaml {
  /** In id order. */
  readonly classNames: readonly string[];
  /** The folder that the splits are relative to; `null` for the folder of the file. */
  readonly path: string | null;
  /** Folders or `.txt` lists of each split; empty if the file does not name the split. */
  readonly splits: {
    readonly train: readonly string[];
    readonly val: readonly string[];
    readonly test: readonly string[];
  };
  readonly task: LabelTask | null;
  readonly keypointShape: readonly [points: number, values: number] | null;
  readonly problems: readonly DatasetProblem[];
}

const tasks: readonly string[] = ['detect', 'segment', 'pose', 'obb'] satisfies LabelTask[];

/**
 * Parses the text of a `data.yaml` by Ultralytics' rules (`check_det_dataset`). Never executes or downloads anything.
 * @param file absolute path, named in errors and problems.
 * @throws DatasetError `file-too-large`, `yaml-syntax`, `yaml-not-a-map`, `names-…`, `nc-invalid`, `too-many-classes`,
 * `path-invalid`, `train-missing`, `key-unknown`, `split-invalid`.
 */
export function parseDataYaml(text: string, file: string): DataYaml {
  const tree = readDataYamlTree(text, file);
  const { classNames, problems: nameProblems } = classNamesFrom(tree, file);
  const train = splitEntries(tree, 'train', true, file);
  if (train.length === 0) {
    throw new DatasetError(
      'train-missing',
      `${file} names no "train" images.${suggestedKey('train', tree)}`,
      dataYamlExample,
      { where: file },
    );
  }
  const key = validationKey(tree, file);
  const val = splitEntries(tree, key, true, file);
  const task = taskOf(tree);
  const keypointShape = keypointShapeFrom(tree.entries['kpt_shape']);
  return {
    classNames,
    path: pathEntry(tree, file),
    splits: { train, val, test: splitEntries(tree, 'test', false, file) },
    task,
    keypointShape,
    problems: [
      ...nameProblems,
      ...aliasProblems(key, tree, file),
      ...keyProblems(tree, key, file),
      ...downloadProblems(tree, file),
      ...taskProblems(task, keypointShape, file),
    ],
  };
}

/** Reports which key was read as `val`. */
function aliasProblems(key: string, { lines }: DataYamlTree, file: string): DatasetProblem[] {
  if (key === 'val') return [];
  const known = key === 'validation';
  const line = lines.get(key);
  return [
    {
      severity: known ? 'info' : 'warning',
      code: 'validation-alias',
      message: `${file} names its validation images "${key}"; they are read as "val".`,
      hint: known ? 'No action needed.' : 'Rename the key to "val". Ultralytics does not know this one.',
      file,
      ...(line === undefined ? {} : { line }),
    },
  ];
}

function downloadProblems({ entries }: DataYamlTree, file: string): DatasetProblem[] {
  if (isNothing(entries['download'])) return [];
  return [
    {
      severity: 'info',
      code: 'download-ignored',
      message: `${file} has a "download" entry. It may hold a script, so it is never run or fetched.`,
      hint: 'If images are missing, download the dataset yourself.',
      file,
    },
  ];
}

function taskProblems(
  task: LabelTask | null,
  keypointShape: DataYaml['keypointShape'],
  file: string,
): DatasetProblem[] {
  if (task !== 'pose' && task !== 'obb' && !keypointShape) return [];
  const kind = task === 'obb' ? 'oriented boxes ("task: obb")' : 'poses ("kpt_shape" or "task: pose")';
  return [
    {
      severity: 'error',
      code: 'task-unsupported',
      message: `${file} describes a dataset of ${kind}; only plain boxes and polygons can be used.`,
      hint: 'Convert the labels to boxes ("class x-centre y-centre width height") and remove that entry.',
      file,
    },
  ];
}

function taskOf({ entries }: DataYamlTree): LabelTask | null {
  const task = textOf(entries['task']);
  return task !== null && tasks.includes(task) ? (task as LabelTask) : null;
}

function keypointShapeFrom(value: unknown): readonly [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [points, values] = value.map((part) => Number(textOf(part) ?? Number.NaN));
  return points !== undefined && values !== undefined && points > 0 && values > 0 ? [points, values] : null;
}
