import { childEnvironment, keptVariables, pickVariables, type ChildPurpose } from '../platform/childEnvironment.ts';

/** Names the variables that the trainer keeps: a terminal adds its whole environment, which the trainer drops. */
const keepVariable = 'AL_TRAINER_KEEP';

/** How to start a Python of ours. `env` is added to what `environmentOf` gives. */
export interface PythonStart {
  readonly executable: string;
  readonly args: readonly string[];
  /** Our own folder: Python imports from the current one, and Windows looks for programs there. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The one way in which the trainer is started: `-E` ignores PYTHONPATH, PYTHONHOME, PYTHONSTARTUP and their like, and the
 * first entry of the path is the folder of the trainer, so that no file of a workspace takes the place of a package, under
 * Python 3.10 too. The packages that the user installed for themselves still count.
 * @param trainerFolder holds the package `al_trainer`.
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

/** The complete environment of a start by this process. */
export function environmentOf({ env }: Pick<PythonStart, 'env'>): Record<string, string> {
  const patterns = env[keepVariable];
  return { ...(patterns === undefined ? childEnvironment('work') : pickVariables(patterns, process.env)), ...env };
}
