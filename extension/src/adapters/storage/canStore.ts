import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../core/systemErrors.ts';

/** System errors for a folder that this user may not write to. */
const refused = new Set(['EROFS', 'EACCES', 'EPERM']);

/**
 * Whether sessions can be stored in a folder `.active-learning`, which is created if missing. Checks only permissions;
 * other problems, such as a full disk, appear on writing.
 * @param tryAccess rejects with a system error; replaced in tests.
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
    // A missing folder will be created, so check its parent.
    if (code === 'ENOENT' && place !== dirname(place)) continue;
    return code === null || !refused.has(code);
  }
}
