import { entriesBelow } from '../adapters/storage/entriesBelow.ts';
import { visibleLine } from '../core/text/escapeText.ts';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { findStorage, type FoundStorage } from '../adapters/storage/storagePlace.ts';
import { isBelow, isReallyBelow } from '../adapters/storage/visiblePlaces.ts';
import { lookAtStore } from '../adapters/store/openStore.ts';
import { AppError } from '../core/errors.ts';
import type { KnownFiles, UserRecord } from '../workflow/ports/userRecord.ts';

/** What the user must know before trusting a folder. */
export interface Stranger {
  /** The folder `.active-learning`. */
  readonly folder: string;
  /** Where a link leads. */
  readonly target: string | null;
  readonly sessions: readonly string[];
  /** Folders outside the workspace that its sessions read and write, and files of weights outside it. */
  readonly outside: readonly string[];
  /** There are more sessions or places than were read. */
  readonly isCut: boolean;
}

/** Sessions that this user on this machine neither made nor trusts. */
export class UntrustedFolderError extends AppError<'untrusted-folder'> {
  readonly stranger: Stranger;

  constructor(stranger: Stranger) {
    const { folder, target, outside, isCut } = stranger;
    const link = target === null ? '' : ` It is a link to ${target}.`;
    const places =
      outside.length === 0 ? '' : ` Its sessions also read and write ${outside.map(visibleLine).join(', ')}.`;
    super(
      'untrusted-folder',
      `${folder} came with the folder: you did not make it on this machine.${link}${places}${isCut ? ' There are more, which are not listed.' : ''}`,
      'If you know where it comes from, trust it: its models and metrics are then run, and its sessions change label files.',
      { where: folder },
    );
    this.stranger = stranger;
  }
}

/** How a folder `.active-learning` stands to this user. */
export interface Standing {
  readonly found: FoundStorage;
  /** Whether the user's record knows the place, or there is nothing yet. Its database has the last word. */
  readonly known: boolean;
}

/** @throws StorageError `storage-not-a-folder` */
export async function standingOf(folder: string, record: UserRecord): Promise<Standing> {
  const found = await findStorage(folder);
  if (found.holds === 'nothing') return { found, known: true };
  // Without a database nothing shows that this is the folder which the record means.
  return { found, known: found.holds === 'database' && (await record.folders.idOf(found)) !== null };
}

/**
 * Describes a stranger for the question about trust.
 * @param workspace the folder that holds `.active-learning`.
 * @throws StoreError where its database cannot be read.
 */
export async function describeStranger(
  workspace: string,
  { path, target, holds }: FoundStorage,
  threadPath: string,
): Promise<Stranger> {
  const database =
    holds === 'database'
      ? await lookAtStore(join(target, 'sessions.db'), threadPath)
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

/** A place that lies outside, or leads there by a link; null for one within. */
async function outsideOf(folders: readonly string[], place: string): Promise<string | null> {
  if (!isBelow(folders, place)) return place;
  if (await isReallyBelow(folders, place)) return null;
  return `${place} → ${await realpath(place).catch(() => place)}`;
}

const modelNames = /\.(?:pt|onnx)$|^(?:model|result|config)\.json$/u;

/**
 * The models that earlier runs left in a folder which the user trusts now count as the user's: a folder that was moved or
 * made by an older version asks once. Links are not followed.
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
