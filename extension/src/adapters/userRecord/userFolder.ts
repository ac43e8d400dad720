import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

const name = 'active-learning-yolo';

/** What decides where the record lies. */
export interface UserPlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/**
 * The folder of the user record: `AL_USER_FOLDER`, or where the platform keeps state of programs. Relative paths in the
 * environment do not count: they would lie in whatever folder is the current one.
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
