import { dirname } from 'node:path';
import { realPath } from '../platform/bytePaths.ts';
import { sweepFolder } from '../platform/temporaryFiles.ts';

/** Removes temporary files next to `path` whose processes were killed before the rename. */
export async function sweepBeside(path: string): Promise<void> {
  // Writes go to the target of a link, so sweep its folder.
  await sweepFolder(dirname(await realPath(path).catch(() => path)));
}
