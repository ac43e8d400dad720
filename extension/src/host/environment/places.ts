import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The requirements that an environment was created from; the environment contains a copy. */
export const requirementsName = 'requirements.txt';

/** Marks a complete environment of this extension. */
export const completeMark = '.complete';

/** Marks an environment that is being created, with the process that creates it. */
export const installingMark = '.installing.json';

/** The complete environments in a folder, oldest first. */
export function finishedEnvironments(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).toSorted();
  return names.map((name) => join(folder, name)).filter((path) => existsSync(join(path, completeMark)));
}

/** The interpreter of a virtual environment. */
export function pythonIn(environment: string): string {
  return process.platform === 'win32' ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python');
}
