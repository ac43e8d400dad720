import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseDataYaml } from '../../core/dataset/dataYaml.ts';
import { DatasetError } from '../../core/dataset/errors.ts';
import { mostDescriptionBytes } from '../../core/dataset/limits.ts';
import { errorCode } from '../../core/systemErrors.ts';
import type { ClassFile } from '../../workflow/ports/classFile.ts';
import { sweepFolder, temporaryName } from '../platform/temporaryFiles.ts';
import { appendClassName, ClassFileError } from './dataYamlText.ts';
import { readTextFile, type TextFile } from './textFile.ts';
import { makePrivateFolder, privateFile } from '../platform/privateFiles.ts';

export interface ClassFileOptions {
  /** Gets a copy of each description before it is changed. */
  readonly backupFolder: string;
}

/** Reads and extends `data.yaml` files; see the port. */
export function createClassFile({ backupFolder }: ClassFileOptions): ClassFile {
  return {
    read: async (path) => parseDataYaml((await readText(path)).text, path).classNames,
    async append(path, expected, name) {
      const file = await readText(path);
      requireUtf8(file, path);
      const before = file.text;
      if (!isDeepStrictEqual(parseDataYaml(before, path).classNames, [...expected])) throw changedOutside(path);
      const after = appendClassName(before, name, path);
      try {
        await access(path, constants.W_OK);
        await keepBackup(backupFolder, path, before);
        await replace(path, before, after);
      } catch (error) {
        throw asClassFileError(error, path);
      }
    },
  };
}

/**
 * The text of a description with its byte-order mark, and how it is written.
 * @throws DatasetError `description-…`, `encoding-unknown`, `file-too-large`.
 */
async function readText(path: string): Promise<TextFile> {
  try {
    const { text, encoding } = await readTextFile(path, mostDescriptionBytes);
    return { text: encoding === 'utf-8-mark' ? `\uFEFF${text}` : text, encoding };
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause;
    const code = errorCode(cause);
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new DatasetError(
      missing ? 'description-missing' : 'description-unreadable',
      missing
        ? `There is no dataset description ${path}.`
        : `The dataset description ${path} cannot be read (${code || 'unknown'}).`,
      'If the dataset was moved, tell where it is now.',
      { where: path, cause },
    );
  }
}

/** A file is written in no other encoding than its own, and that is UTF-8 here. */
function requireUtf8({ encoding }: TextFile, path: string): void {
  if (encoding === 'utf-8' || encoding === 'utf-8-mark') return;
  throw new ClassFileError(
    'layout-unknown',
    `${path} is written in UTF-16; a class is only added to a file in UTF-8.`,
    'Save it as UTF-8, or add the class by hand and rescan the dataset.',
    { where: path },
  );
}

/** Named by content, so that each state that was ever replaced is there once. */
async function keepBackup(folder: string, path: string, text: string): Promise<void> {
  const digest = createHash('sha256').update(path).update('\0').update(text).digest('hex').slice(0, 16);
  const copy = join(folder, `${digest}-${basename(path)}`);
  const there = await stat(copy).then(
    () => true,
    () => false,
  );
  if (there) return;
  await makePrivateFolder(dirname(dirname(folder)), folder);
  const temporary = temporaryBeside(copy);
  try {
    await writeDurably(temporary, text, privateFile);
    await rename(temporary, copy);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Replaces the file as a whole; a symbolic link stays one, and the mode is kept. */
async function replace(path: string, before: string, after: string): Promise<void> {
  const target = await realpath(path);
  await sweepFolder(dirname(target));
  const { mode } = await stat(target);
  const temporary = temporaryBeside(target);
  try {
    await writeDurably(temporary, after);
    await chmod(temporary, mode & 0o7777);
    // The last moment in which an editor's own save can be noticed.
    if ((await readFile(target, 'utf8')) !== before) throw changedOutside(path);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeDurably(path: string, text: string, mode?: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
}

function temporaryBeside(path: string): string {
  return join(dirname(path), temporaryName());
}

function changedOutside(path: string): ClassFileError {
  return new ClassFileError(
    'changed-outside',
    `${path} was changed by another program in this moment.`,
    'Save it there, then add the class again.',
    { where: path },
  );
}

function asClassFileError(error: unknown, path: string): Error {
  if (error instanceof ClassFileError) return error;
  const options = { where: path, cause: error };
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ClassFileError('disk-full', `No space is left to write ${path}.`, 'Free some space.', options);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new ClassFileError(
      'read-only',
      `${path} cannot be written to.`,
      'Make the file and its folder writable, or add the class by hand and rescan the dataset.',
      options,
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ClassFileError('write-failed', `${path} could not be written: ${message}`, 'Try again.', options);
}
