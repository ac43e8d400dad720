import { join, resolve } from 'node:path';
import { z } from 'zod';
import { TrainingError } from '../../core/session/errors.ts';
import type { RunRequest } from '../../workflow/ports/trainer.ts';
import { exists, type FileOps } from '../python/fileOps.ts';
import { readRunText } from '../python/runFiles.ts';

/** The files of one run (docs/run-folder.md), absolute. `log` holds what the trainer prints for a person. */
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

/** @throws TrainingError `run-missing` for an id that is no plain folder name. */
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

/** Every place of a run that is written to, folders included: none of them may be a link. */
export function writtenPlaces(paths: RunPaths): string[] {
  const snapshot = ['images', 'labels'].flatMap((kind) =>
    ['train', 'val'].map((split) => join(paths.dataset, kind, split)),
  );
  const { folder, config, dataset, pid, cancel, events, result, log } = paths;
  return [folder, config, dataset, pid, cancel, events, result, log, ...snapshot, join(folder, 'weights')];
}

/** The trainer checks weights that are a file against these once more when it loads them. */
export interface ChosenWeights {
  readonly sha256?: string;
  readonly mayRunCode?: boolean;
}

/** `config.json` of a request, as a plain object in the contract's order. */
export function runConfig(request: RunRequest, nonce: string, chosen: ChosenWeights = {}) {
  return {
    schema: 1,
    run: request.runId,
    nonce,
    job: request.job,
    dataset: 'dataset/data.yaml',
    classNames: request.classNames,
    weights: { source: request.weights, allowDownload: request.allowDownload, ...chosen },
    plan: request.plan,
    ...(request.quantise === undefined ? {} : { quantise: request.quantise }),
    seed: request.seed,
    device: request.device,
  };
}

const preparedConfig = z.looseObject({
  schema: z.literal(1),
  run: z.string(),
  nonce: z.string().min(1),
  weights: z.object({ allowDownload: z.boolean().default(false) }).default({ allowDownload: false }),
});

/** A configuration that was written before: its text and the nonce that proves whose process a pid names. */
export interface PreparedConfig {
  readonly text: string;
  readonly nonce: string;
  readonly allowDownload: boolean;
}

/**
 * `null` when the run was not prepared.
 * @throws TrainingError `run-folder-unusable` when config.json is damaged.
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

/** Whether a trainer ever worked in the folder: from then on its snapshot is what the run trains on. */
export async function hasBegun(files: FileOps, paths: RunPaths): Promise<boolean> {
  for (const path of [paths.events, paths.result, paths.pid]) {
    if (await exists(files, path)) return true;
  }
  return false;
}
