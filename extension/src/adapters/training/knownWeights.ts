import { isAbsolute } from 'node:path';
import { TrainingError } from '../../core/session/errors.ts';
import type { RunResult } from '../../workflow/ports/trainer.ts';
import type { KnownFiles } from '../../workflow/ports/userRecord.ts';
import type { FileOps } from '../python/fileOps.ts';
import type { ChosenWeights } from '../python/jobConfig.ts';
import type { RunProcess } from './runOwner.ts';

/**
 * Checks that weights are trusted: a file that the user chose or a run produced. A plain name is safe, because the
 * trainer looks it up in the user's weights folder; so is an architecture, which is text without code.
 * @throws TrainingError `weights-missing` for a relative path; `weights-unknown`, also for a file whose content has changed since the user chose it.
 */
export async function chosenWeights(files: FileOps, known: KnownFiles, weights: string): Promise<ChosenWeights> {
  if (/\.ya?ml$/i.test(weights)) return {};
  if (!isAbsolute(weights)) {
    // The trainer would resolve it against an unrelated folder.
    if (/[\\/]|^~/.test(weights)) throw unclear(weights);
    return {};
  }
  // The trainer reports a missing file.
  if ((await files.stat(weights).catch(() => null))?.isFile() !== true) return {};
  const sha256 = await known.hashIfKnown(weights);
  if (sha256 === null) throw unknown(weights);
  return (await known.isKnown(weights, 'code')) ? { sha256, mayRunCode: true } : { sha256 };
}

/**
 * Checks the files of a completed run. Records them if a process of the user worked in the run; otherwise they must
 * already be in the record.
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
    `The weights ${weights} are a relative path.`,
    'Choose the file again, by its absolute path.',
  );
}

function unknown(weights: string): TrainingError {
  return new TrainingError(
    'weights-unknown',
    `${weights} is not a file that you chose, or its content has changed since. Weights can run code when they are loaded.`,
    'Choose the file again if you trust who made it. Otherwise choose other weights.',
    { where: weights },
  );
}
