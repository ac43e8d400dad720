import { childEnvironment, keptVariables, pickVariables, type ChildPurpose } from '../platform/childEnvironment.ts';

/** Lists the variables that the trainer keeps. A terminal adds its whole environment, which the trainer removes. */
const keepVariable = 'AL_TRAINER_KEEP';

/** How to start our Python. `env` is added to the result of `environmentOf`. */
export interface PythonStart {
  readonly executable: string;
  readonly args: readonly string[];
  /** Our folder, because Python imports from the current folder, and Windows searches programs there. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The only way to start the trainer. `-E` ignores PYTHONPATH, PYTHONHOME, PYTHONSTARTUP and similar variables. The first
 * path entry is the trainer's folder, so that no workspace file replaces a package, even under Python 3.10. Packages in
 * the user's site folder still work.
 * @param trainerFolder contains the package `al_trainer`.
 */
export function trainerStart(
  python: string,
  trainerFolder: string,
  args: readonly string[],
  purpose: ChildPurpose = 'work',
): PythonStart {
  return {
    executable: python,
    args: ['-E', '-u', '-B', '-X', 'utf8', '-m', 'al_trainer', ...args],
    cwd: trainerFolder,
    env: { [keepVariable]: keptVariables(purpose), ULTRALYTICS_SAFE_LOAD: '1' },
  };
}

/** The complete environment if this process starts the trainer. */
export function environmentOf({ env }: Pick<PythonStart, 'env'>): Record<string, string> {
  const patterns = env[keepVariable];
  return { ...(patterns === undefined ? childEnvironment('work') : pickVariables(patterns, process.env)), ...env };
}
