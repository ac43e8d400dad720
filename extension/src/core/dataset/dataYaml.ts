import { isMap, LineCounter, parseDocument } from 'yaml';
import { classNamesFrom } from './dataYamlNames.ts';
import { DatasetError } from './errors.ts';
import type { LabelTask } from './labelRow.ts';
import type { DatasetProblem } from './types.ts';

/** A `data.yaml` as written; paths are not resolved. */
export interface DataYaml {
  /** In id order. */
  readonly classNames: readonly string[];
  /** The folder that the splits are relative to; `null` for the folder of the file. */
  readonly path: string | null;
  /** Folders or `.txt` lists of each split; empty where the split is not named. */
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
const example = 'A data.yaml looks like this: "train: images/train", "val: images/val", "names: [scratch, dent]".';

/**
 * Parses the text of a `data.yaml` by Ultralytics' rules (`check_det_dataset`). Nothing in it is ever executed or fetched.
 * @param file absolute path, named in errors and problems.
 * @throws DatasetError `yaml-syntax`, `yaml-not-a-map`, `names-…`, `nc-invalid`, `path-invalid`, `train-missing`, `split-invalid`.
 */
export function parseDataYaml(text: string, file: string): DataYaml {
  const data = readMap(text, file);
  const problems: DatasetProblem[] = [];
  const { classNames, problems: nameProblems } = classNamesFrom(data, file);
  problems.push(...nameProblems);
  const train = splitEntries(data, 'train', file);
  if (train.length === 0) {
    throw new DatasetError('train-missing', `${file} names no "train" images.`, example, { where: file });
  }
  const alias = isAbsent(data['val']) && !isAbsent(data['validation']);
  const val = splitEntries(data, alias ? 'validation' : 'val', file);
  if (alias) {
    problems.push({
      severity: 'info',
      code: 'validation-alias',
      message: `${file} names its validation images "validation"; they are read as "val".`,
      hint: 'Nothing to do here.',
      file,
    });
  }
  if (!isAbsent(data['download'])) {
    problems.push({
      severity: 'info',
      code: 'download-ignored',
      message: `${file} has a "download" entry. It may hold a script, so it is never run or fetched.`,
      hint: 'If images are missing, download the dataset yourself.',
      file,
    });
  }
  const task = typeof data['task'] === 'string' && tasks.includes(data['task']) ? (data['task'] as LabelTask) : null;
  const keypointShape = keypointShapeFrom(data['kpt_shape']);
  if (task === 'pose' || task === 'obb' || keypointShape) {
    const kind = task === 'obb' ? 'oriented boxes ("task: obb")' : 'poses ("kpt_shape" or "task: pose")';
    problems.push({
      severity: 'error',
      code: 'task-unsupported',
      message: `${file} describes a dataset of ${kind}; only plain boxes and polygons can be used.`,
      hint: 'Convert the labels to boxes ("class x-centre y-centre width height") and remove that entry.',
      file,
    });
  }
  return {
    classNames,
    path: pathFrom(data, file),
    splits: { train, val, test: splitEntries(data, 'test', file) },
    task,
    keypointShape,
    problems,
  };
}

function readMap(text: string, file: string): Readonly<Record<string, unknown>> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/u, ''), { lineCounter, prettyErrors: false });
  const error = document.errors[0];
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new DatasetError(
      'yaml-syntax',
      `${file} is no valid YAML: line ${line}, column ${col}: ${error.message}.`,
      'Correct that line; indent with spaces, not with tabs, and quote names that hold ":" or "#".',
      { where: `${file}:${line}:${col}`, cause: error },
    );
  }
  if (!isMap(document.contents)) {
    const what = document.contents === null ? 'is empty' : 'is no list of "key: value" lines';
    throw new DatasetError('yaml-not-a-map', `${file} ${what}.`, example, { where: file });
  }
  try {
    return document.toJS({ maxAliasCount: 100 }) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new DatasetError('yaml-syntax', `${file} cannot be read: ${String(cause)}.`, 'Write it without aliases.', {
      where: file,
      cause,
    });
  }
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function splitEntries(data: Readonly<Record<string, unknown>>, key: string, file: string): string[] {
  const value = data[key];
  if (isAbsent(value) || value === '') return [];
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  return entries.map((entry) => {
    if (typeof entry === 'string' && entry !== '') return entry;
    throw new DatasetError(
      'split-invalid',
      `"${key}" in ${file} holds ${JSON.stringify(entry)} where a path is needed.`,
      'Write the folder of the images, a .txt file that lists them, or a list of these.',
      { where: file },
    );
  });
}

function pathFrom(data: Readonly<Record<string, unknown>>, file: string): string | null {
  const value = data['path'];
  if (isAbsent(value) || value === '') return null;
  if (typeof value === 'string') return value;
  throw new DatasetError(
    'path-invalid',
    `"path" in ${file} is ${JSON.stringify(value)}, not a folder.`,
    'Write the folder that train and val are relative to, or leave it out for the folder of this file.',
    { where: file },
  );
}

function keypointShapeFrom(value: unknown): readonly [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [points, values] = value as unknown[];
  return typeof points === 'number' && typeof values === 'number' && points > 0 && values > 0 ? [points, values] : null;
}
