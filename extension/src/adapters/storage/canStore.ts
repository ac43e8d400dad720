import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../core/systemErrors.ts';

/** What the system reports for a place that this user may not write to. */
const refused = new Set(['EROFS', 'EACCES', 'EPERM']);

/**
 * Whether sessions can be kept in a folder `.active-learning`, which is created if missing. Only permissions are
 * looked at; whatever else hinders, such as a full disk, shows when it is written.
 * @param tryAccess rejects as the system does; for tests.
 */
export async function canStore(
  folder: string,
  tryAccess: (path: string, mode: number) => Promise<void> = access,
): Promise<boolean> {
  const codeOf = (path: string): Promise<string | null> => tryAccess(path, constants.W_OK).then(() => null, errorCode);
  const database = await codeOf(join(folder, 'sessions.db'));
  if (database !== null && refused.has(database)) return false;
  for (let place = folder; ; place = dirname(place)) {
    const code = await codeOf(place);
    // What is not there is made in the folder around it.
    if (code === 'ENOENT' && place !== dirname(place)) continue;
    return code === null || !refused.has(code);
  }
}
