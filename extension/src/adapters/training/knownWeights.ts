import { isAbsolute } from 'node:path';
import { TrainingError } from '../../core/session/errors.ts';
import type { RunResult } from '../../workflow/ports/trainer.ts';
import type { KnownFiles } from '../../workflow/ports/userRecord.ts';
import type { FileOps } from '../python/fileOps.ts';
import type { ChosenWeights } from './runFolder.ts';
import type { RunProcess } from './runOwner.ts';

/**
 * Checks that weights are the user's: a file that the user chose or a run produced. A name is looked up
 * in the user's own folder of weights, and an architecture is text that no code is read from.
 * @throws TrainingError `weights-missing` for a path that is not a whole one; `weights-unknown`, also for a file whose content has changed since it was chosen.
 */
export async function chosenWeights(files: FileOps, known: KnownFiles, weights: string): Promise<ChosenWeights> {
  if (/\.ya?ml$/i.test(weights)) return {};
  if (!isAbsolute(weights)) {
    // The trainer would resolve it against an unrelated folder, which may hold anything.
    if (/[\\/]|^~/.test(weights)) throw unclear(weights);
    return {};
  }
  // The trainer says what a missing file is.
  if ((await files.stat(weights).catch(() => null))?.isFile() !== true) return {};
  const sha256 = await known.hashIfKnown(weights);
  if (sha256 === null) throw unknown(weights);
  return (await known.isKnown(weights, 'code')) ? { sha256, mayRunCode: true } : { sha256 };
}

/**
 * The files of a run that is over: recorded as made by the user if a process of the user worked in the run, otherwise
 * they must have been before.
 * @throws TrainingError `result-invalid`
 */
export async function ownResult(known: KnownFiles, run: RunProcess, result: RunResult): Promise<RunResult> {
  const { onnxPath, weightsPath } = result;
  const made = [onnxPath, weightsPath, onnxPath?.replace(/\.onnx$/, '.json')].filter((path) => path !== undefined);
  if ((await run.leases.read(run.paths.runId)) !== null) {
    for (const path of made) await known.remember(path, 'run');
    await run.leases.remove(run.paths.runId);
    return result;
  }
  for (const path of made) {
    if (await known.isKnown(path, 'run')) continue;
    throw new TrainingError(
      'result-invalid',
      `None of your runs produced ${path}: it is new, or its content has changed.`,
      'Train this iteration again, or put the file back as it was.',
      { where: path },
    );
  }
  return result;
}

function unclear(weights: string): TrainingError {
  return new TrainingError(
    'weights-missing',
    `The weights ${weights} are named by a part of a path alone.`,
    'Choose the file again, by its whole path.',
  );
}

function unknown(weights: string): TrainingError {
  return new TrainingError(
    'weights-unknown',
    `${weights} is not a file that you chose: you never named it, or its content has changed since. Weights can run code when they are loaded.`,
    'Choose the file again if you trust who made it. Otherwise choose other weights.',
    { where: weights },
  );
}
