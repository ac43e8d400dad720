import { dirname } from 'node:path';
import { realPath } from '../platform/bytePaths.ts';
import { sweepFolder } from '../platform/temporaryFiles.ts';

/** Removes the temporary files beside `path` whose processes were killed before they could rename them. */
export async function sweepBeside(path: string): Promise<void> {
  // Where a link leads is written, not the link.
  await sweepFolder(dirname(await realPath(path).catch(() => path)));
}
