import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseDataYaml } from '../../../core/dataset/dataYaml.ts';
import { DatasetError } from '../../../core/dataset/errors.ts';
import { mostDescriptionBytes } from '../../../core/dataset/limits.ts';
import { errorCode } from '../../../core/systemErrors.ts';
import type { ClassFile } from '../../../workflow/ports/classFile.ts';
import { writeAtomic } from '../../platform/atomicWrite.ts';
import { isMissing, toWriteError } from '../../platform/fileErrors.ts';
import { sweepFolder } from '../../platform/temporaryFiles.ts';
import { appendClassName, ClassFileError } from './dataYamlText.ts';
import { readTextFile, type TextFile } from '../textFile.ts';
import { makePrivateFolder, privateFile } from '../../platform/privateFiles.ts';

export interface ClassFileOptions {
  /** Receives a copy of each description before a change. */
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
        throw toClassFileError(error, path);
      }
    },
  };
}

/**
 * The text of a description and its encoding.
 * @throws DatasetError `description-…`, `encoding-unknown`, `file-too-large`.
 */
async function readText(path: string): Promise<TextFile> {
  try {
    const { text, encoding } = await readTextFile(path, mostDescriptionBytes);
    return { text: encoding === 'utf-8-mark' ? `\uFEFF${text}` : text, encoding };
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause;
    const missing = isMissing(cause);
    throw new DatasetError(
      missing ? 'description-missing' : 'description-unreadable',
      missing
        ? `There is no dataset description ${path}.`
        : `The dataset description ${path} cannot be read (${errorCode(cause) || 'unknown'}).`,
      'If the dataset was moved, set its new location.',
      { where: path, cause },
    );
  }
}

/** Only UTF-8 files can be edited, because a file must keep its encoding. */
function requireUtf8({ encoding }: TextFile, path: string): void {
  if (encoding === 'utf-8' || encoding === 'utf-8-mark') return;
  throw new ClassFileError(
    'layout-unknown',
    `${path} is written in UTF-16; a class is only added to a file in UTF-8.`,
    'Save it as UTF-8, or add the class by hand and rescan the dataset.',
    { where: path },
  );
}

/** Names the backup by content, so that each replaced state is stored once. */
async function keepBackup(folder: string, path: string, text: string): Promise<void> {
  const digest = createHash('sha256').update(path).update('\0').update(text).digest('hex').slice(0, 16);
  const copy = join(folder, `${digest}-${basename(path)}`);
  const there = await stat(copy).then(
    () => true,
    () => false,
  );
  if (there) return;
  await makePrivateFolder(dirname(dirname(folder)), folder);
  await writeAtomic(copy, text, { mode: privateFile });
}

/** Replaces the file atomically. Writes through a symbolic link. */
async function replace(path: string, before: string, after: string): Promise<void> {
  const target = await realpath(path);
  await sweepFolder(dirname(target));
  await writeAtomic(target, after, {
    // The last moment to detect that another program has saved the file.
    beforeRename: async () => {
      if ((await readFile(target, 'utf8')) !== before) throw changedOutside(path);
    },
  });
}

function changedOutside(path: string): ClassFileError {
  return new ClassFileError(
    'changed-outside',
    `${path} was changed by another program in this moment.`,
    'Save it there, then add the class again.',
    { where: path },
  );
}

function toClassFileError(error: unknown, path: string): ClassFileError {
  const reason = error instanceof Error ? error.message : String(error);
  return toWriteError(ClassFileError, error, path, {
    'disk-full': ['disk-full', `No space is left to write ${path}.`, 'Free some space.'],
    'read-only': [
      'read-only',
      `${path} cannot be written to.`,
      'Make the file and its folder writable, or add the class by hand and rescan the dataset.',
    ],
    other: ['write-failed', `${path} could not be written: ${reason}`, 'Try again.'],
  });
}
