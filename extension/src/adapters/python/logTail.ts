import { errorCode } from '../../core/systemErrors.ts';
import { type FileOps } from './fileOps.ts';
import { openRunFile } from './runFiles.ts';

const tailBytes = 8 * 1024;
// eslint-disable-next-line no-control-regex -- terminal colours and cursor movements
const escapes = /\u001B(?:\[[0-9;?]*[A-Za-z]|\][^\u0007]*\u0007)/g;

/**
 * The last lines of a log as in a terminal: progress bars in their last state, but without colours.
 * @param mostBytes maximum number of bytes to read from the end.
 * @returns an empty text if there is no log.
 */
export async function readLogTail(files: FileOps, path: string, lines: number, mostBytes = tailBytes): Promise<string> {
  try {
    const handle = await openRunFile(files, path, 'read');
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, mostBytes));
      await handle.read(bytes, 0, bytes.length, size - bytes.length);
      return bytes
        .toString('utf8')
        .replace(escapes, '')
        .split('\n')
        .map((line) => line.trimEnd().split('\r').at(-1) ?? '')
        .filter((line) => line !== '')
        .slice(-lines)
        .join('\n');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}
