import { join, resolve } from 'node:path';
import { z } from 'zod';
import { TrainingError } from '../../core/session/errors.ts';
import { exists, type FileOps } from '../python/fileOps.ts';
import { readRunText } from '../python/runFiles.ts';

/** Absolute paths of the files of one run (docs/run-folder.md). `log` contains the trainer's readable output. */
export interface RunPaths {
  readonly runId: string;
  readonly folder: string;
  readonly config: string;
  readonly dataset: string;
  readonly pid: string;
  readonly cancel: string;
  readonly events: string;
  readonly result: string;
  readonly log: string;
}

/** @throws TrainingError `run-missing` for an id that is not a plain folder name. */
export function runPaths(runsFolder: string, runId: string): RunPaths {
  if (!/^[\w-][\w.-]*$/.test(runId)) {
    throw new TrainingError(
      'run-missing',
      `${JSON.stringify(runId)} is not the id of a run.`,
      'Use the id that the run was prepared with.',
    );
  }
  const folder = join(resolve(runsFolder), runId);
  return {
    runId,
    folder,
    config: join(folder, 'config.json'),
    dataset: join(folder, 'dataset'),
    pid: join(folder, 'pid'),
    cancel: join(folder, 'cancel'),
    events: join(folder, 'events.jsonl'),
    result: join(folder, 'result.json'),
    log: join(folder, 'trainer.log'),
  };
}

/** All files and folders of a run that are written; none of them may be a link. */
export function writtenPlaces(paths: RunPaths): string[] {
  const snapshot = ['images', 'labels'].flatMap((kind) =>
    ['train', 'val'].map((split) => join(paths.dataset, kind, split)),
  );
  const { folder, config, dataset, pid, cancel, events, result, log } = paths;
  return [folder, config, dataset, pid, cancel, events, result, log, ...snapshot, join(folder, 'weights')];
}

const preparedConfig = z.looseObject({
  schema: z.literal(1),
  run: z.string(),
  nonce: z.string().min(1),
  weights: z.object({ allowDownload: z.boolean().default(false) }).default({ allowDownload: false }),
});

/** A configuration on disk: its text, and the nonce that identifies the process of the run. */
export interface PreparedConfig {
  readonly text: string;
  readonly nonce: string;
  readonly allowDownload: boolean;
}

/**
 * @returns null if the run was not prepared.
 * @throws TrainingError `run-folder-unusable` if config.json is damaged.
 */
export async function readConfig(files: FileOps, paths: RunPaths): Promise<PreparedConfig | null> {
  const text = await readRunText(files, paths.config);
  if (text === null) return null;
  try {
    const { nonce, weights } = preparedConfig.parse(JSON.parse(text));
    return { text, nonce, allowDownload: weights.allowDownload };
  } catch (error) {
    throw new TrainingError(
      'run-folder-unusable',
      `${paths.config} is damaged.`,
      'Delete this run folder and train again; labels and models are not affected.',
      { where: paths.config, cause: error },
    );
  }
}

/** Whether a trainer has worked in the folder. From then on, its snapshot must not change. */
export async function hasBegun(files: FileOps, paths: RunPaths): Promise<boolean> {
  for (const path of [paths.events, paths.result, paths.pid]) {
    if (await exists(files, path)) return true;
  }
  return false;
}
