import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What an environment was made from: a copy lies in it. */
export const requirementsName = 'requirements.txt';

/** Lies in the product's own environment once everything is installed. */
export const completeMark = '.complete';

/** Lies in an environment while it is being made: who makes it. */
export const installingMark = '.installing.json';

/** The environments in a folder that are whole, oldest first. */
export function finishedEnvironments(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).toSorted();
  return names.map((name) => join(folder, name)).filter((path) => existsSync(join(path, completeMark)));
}

/** The interpreter inside a virtual environment. */
export function pythonIn(environment: string): string {
  return process.platform === 'win32' ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python');
}
