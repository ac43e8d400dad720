import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { OpenFile } from '../../platform/fileSystem.ts';
import { nodeLabelFs, type LabelFs } from '../labelFs.ts';

/** A folder that is removed at the end of the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'al labels ü#%-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A text as UTF-8 bytes. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A file system operation that `failing` can break. */
export type Step =
  | 'open'
  | 'writeFile'
  | 'sync'
  | 'chmod'
  | 'close'
  | 'rename'
  | 'unlink'
  | 'mkdir'
  | 'readFile'
  | 'stat';

/** The real file system, with an error at each step that `when` selects. Failed writes leave half of the content. */
export function failing(code: string, when: (step: Step, path: string) => boolean): LabelFs {
  const check = (step: Step, path: string): void => {
    if (when(step, path)) throw Object.assign(new Error(`${code}: made up, ${step} '${path}'`), { code });
  };
  const wrap = (file: OpenFile, path: string): OpenFile => ({
    writeFile: async (bytes) => {
      if (when('writeFile', path)) await file.writeFile(bytes.subarray(0, bytes.length / 2));
      check('writeFile', path);
      await file.writeFile(bytes);
    },
    sync: async () => {
      check('sync', path);
      await file.sync();
    },
    chmod: async (mode) => {
      check('chmod', path);
      await file.chmod(mode);
    },
    chown: (uid, gid) => file.chown(uid, gid),
    close: async () => {
      await file.close();
      check('close', path);
    },
  });
  const checked =
    <Args extends readonly [string, ...unknown[]], Result>(step: Step, run: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      check(step, args[0]);
      return run(...args);
    };
  return {
    ...nodeLabelFs,
    open: async (path, flags) => {
      check('open', path);
      return wrap(await nodeLabelFs.open(path, flags), path);
    },
    readFile: checked('readFile', nodeLabelFs.readFile),
    stat: checked('stat', nodeLabelFs.stat),
    rename: checked('rename', nodeLabelFs.rename),
    unlink: checked('unlink', nodeLabelFs.unlink),
    mkdir: checked('mkdir', nodeLabelFs.mkdir),
  };
}
