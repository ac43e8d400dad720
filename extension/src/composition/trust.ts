import { entriesBelow } from '../adapters/storage/entriesBelow.ts';
import { visibleLine } from '../core/text/escapeText.ts';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { findStorage, type FoundStorage } from '../adapters/storage/storagePlace.ts';
import { isBelow, isReallyBelow } from '../adapters/storage/visiblePlaces.ts';
import { inspectStore } from '../adapters/store/openStore.ts';
import { AppError } from '../core/errors.ts';
import type { KnownFiles, UserRecord } from '../workflow/ports/userRecord.ts';

/** Facts that the user must know before trusting a folder. */
export interface UntrustedFolder {
  /** The folder `.active-learning`. */
  readonly folder: string;
  /** The target of a link. */
  readonly target: string | null;
  readonly sessions: readonly string[];
  /** Folders outside the workspace that its sessions read and write, and weight files outside it. */
  readonly outside: readonly string[];
  /** Whether there are more sessions or paths than were read. */
  readonly isCut: boolean;
}

/** Sessions that this user neither created nor trusts on this machine. */
export class UntrustedFolderError extends AppError<'untrusted-folder'> {
  readonly stranger: UntrustedFolder;

  constructor(stranger: UntrustedFolder) {
    const { folder, target, outside, isCut } = stranger;
    const link = target === null ? '' : ` It is a link to ${target}.`;
    const places =
      outside.length === 0 ? '' : ` Its sessions also read and write ${outside.map(visibleLine).join(', ')}.`;
    super(
      'untrusted-folder',
      `${folder} came with the folder: you did not create it on this machine.${link}${places}${isCut ? ' There are more that are not listed.' : ''}`,
      'Trust it if you know its origin: its models and score plug-ins will run, and its sessions will change label files.',
      { where: folder },
    );
    this.stranger = stranger;
  }
}

/** Whether this user trusts a folder `.active-learning`. */
export interface FolderStanding {
  readonly found: FoundStorage;
  /** Whether the user's record contains the path, or the folder is empty. Its database must also match. */
  readonly known: boolean;
}

/** @throws StorageError `storage-not-a-folder` */
export async function standingOf(folder: string, record: UserRecord): Promise<FolderStanding> {
  const found = await findStorage(folder);
  if (found.holds === 'nothing') return { found, known: true };
  // Without a database, nothing proves that this is the recorded folder.
  return { found, known: found.holds === 'database' && (await record.folders.idOf(found)) !== null };
}

/**
 * Describes an unknown folder for the question about trust.
 * @param workspace the folder that holds `.active-learning`.
 * @throws StoreError if its database cannot be read.
 */
export async function describeUntrustedFolder(
  workspace: string,
  { path, target, holds }: FoundStorage,
  threadPath: string,
): Promise<UntrustedFolder> {
  const database =
    holds === 'database'
      ? await inspectStore(join(target, 'sessions.db'), threadPath)
      : { sessions: [], roots: [], sources: [], weights: [], isCut: false };
  const named = [...database.roots, ...database.sources, ...database.weights.filter((name) => isAbsolute(name))];
  const outside = await Promise.all([...new Set(named)].map((place) => outsideOf([workspace, dirname(path)], place)));
  return {
    folder: path,
    target: path === target ? null : target,
    sessions: database.sessions,
    outside: outside.filter((place) => place !== null),
    isCut: database.isCut,
  };
}

/** A path outside the workspace, or one that leads outside through a link; null if it is inside. */
async function outsideOf(folders: readonly string[], place: string): Promise<string | null> {
  if (!isBelow(folders, place)) return place;
  if (await isReallyBelow(folders, place)) return null;
  return `${place} → ${await realpath(place).catch(() => place)}`;
}

const modelNames = /\.(?:pt|onnx)$|^(?:model|result|config)\.json$/u;

/**
 * Records the models of earlier runs in a folder that the user now trusts: a folder that was moved, or made by an older
 * version, asks only once. Does not follow links.
 */
export async function rememberModels(folder: string, files: KnownFiles): Promise<void> {
  for (const name of ['runs', 'models']) {
    const parent = join(folder, name);
    if (!(await lstat(parent).catch(() => null))?.isDirectory()) continue;
    for await (const { path, entry } of entriesBelow(parent)) {
      if (entry.isFile() && modelNames.test(entry.name)) await files.remember(path, 'run');
    }
  }
}
