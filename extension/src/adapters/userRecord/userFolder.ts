import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

const name = 'active-learning-yolo';

/** The facts that determine the folder of the record. */
export interface UserPlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/**
 * The folder of the user record: `AL_USER_FOLDER`, or the platform's folder for application state. Ignores relative paths
 * in the environment, because they would depend on the current folder.
 */
export function userFolder(
  { platform, env, home }: UserPlace = { platform: process.platform, env: process.env, home: homedir() },
): string {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix;
  const absolute = (path: string | undefined): string | undefined =>
    path !== undefined && isAbsolute(path) ? path : undefined;
  const named = absolute(env['AL_USER_FOLDER']);
  if (named !== undefined) return named;
  if (platform === 'win32') return join(absolute(env['LOCALAPPDATA']) ?? join(home, 'AppData', 'Local'), name);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', name);
  return join(absolute(env['XDG_STATE_HOME']) ?? join(home, '.local', 'state'), name);
}
