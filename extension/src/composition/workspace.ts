import { existsSync, lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { canStore } from '../adapters/storage/canStore.ts';
import { createEmbeddingStore } from '../adapters/embeddings/embeddingStore.ts';
import { createArtifacts } from '../adapters/files/artifactFiles.ts';
import { createClassFile } from '../adapters/files/dataYaml/dataYamlWriter.ts';
import { createDatasetReader } from '../adapters/files/reader/datasetReader.ts';
import { createWorkspaceLabels } from '../adapters/labels/workspaceLabels.ts';
import { createScorePlugins } from '../adapters/plugins/scorePlugins.ts';
import { createBackground } from '../adapters/platform/createBackground.ts';
import { createUnfinishedWrites } from '../adapters/platform/temporaryFiles.ts';
import { createSystem } from '../adapters/platform/system.ts';
import { createSelector } from '../adapters/selection/createSelector.ts';
import { openStore, type StoreOptions } from '../adapters/store/openStore.ts';
import { StoreError } from '../adapters/store/storeError.ts';
import { openPrivate, refuseLinks, tighten } from '../adapters/platform/privateFiles.ts';
import type { Launcher } from '../adapters/training/launcher.ts';
import { createTrainer } from '../adapters/training/trainer.ts';
import { createUserRecord } from '../adapters/userRecord/createUserRecord.ts';
import type { Background } from '../workflow/ports/background.ts';
import type { Ports } from '../workflow/ports/ports.ts';
import type { LabelSource } from '../workflow/ports/labelSource.ts';
import type { ScorePlugins } from '../workflow/ports/scorePlugins.ts';
import { nothingRecovered, recover, type RecoveryReport } from '../workflow/dataset/recovery.ts';
import type { Store } from '../workflow/ports/store.ts';
import type { KnownFiles, RunLeases, UserRecord } from '../workflow/ports/userRecord.ts';
import { browsing, ReadOnlyStorageError } from './browse.ts';
import { createProductInference } from './productInference.ts';
import { productPaths, type ProductPaths } from './productPaths.ts';
import {
  describeUntrustedFolder,
  rememberModels,
  standingOf,
  UntrustedFolderError,
  type UntrustedFolder,
} from './trust.ts';

export interface Workspace {
  readonly ports: Ports;
  /** The folder `.active-learning`. */
  readonly folder: string;
  /** It is read-only and can only be viewed. */
  readonly isReadOnly: boolean;
  readonly recovery: RecoveryReport;
  close(): Promise<void>;
}

export interface WorkspaceOptions {
  /** The folder that holds `.active-learning`. */
  readonly folder: string;
  readonly python?: string | undefined;
  /** Provides labels instead of the dataset's own files; receives the folder `.active-learning`. */
  readonly labels?: (folder: string) => LabelSource;
  /** The folder of the product's files; by default beside this code. */
  readonly paths?: ProductPaths;
  /** How a trainer is started; by default as a detached process. */
  readonly launcher?: Launcher;
  /** Receives notes about harmless damage, and the output of score plug-ins. */
  readonly onWarning?: (message: string) => void;
  /**
   * Receives notes that the user should see at once, such as another location for labels of a read-only dataset; by
   * default `onWarning`.
   */
  readonly onNotice?: (message: string) => void;
  /** Whether score plug-ins of the workspace, which are code, may run. Default true; never with `browseOnly`. */
  readonly scorePlugins?: boolean;
  /** For viewing only: nothing is created, changed, finished, trained or scored. */
  readonly browseOnly?: boolean;
  /** With `browseOnly`: the folders whose files may be read. Default: only the workspace folder. */
  readonly visible?: readonly string[];
  /**
   * Run work on many images in separate processes, so that it does not use the memory of this one: for a program that
   * keeps running. Default false; never with `labels` or `browseOnly`.
   */
  readonly background?: boolean;
  /** Another process of the product has the workspace open and started this one: it neither recovers nor tidies. */
  readonly isOpenElsewhere?: boolean;
  /** The user trusts the content of `.active-learning`, even if somebody else created it. Default false. */
  readonly trust?: boolean;
}

/**
 * Opens or creates the sessions of a workspace and finishes what dead processes left. With `browseOnly`, or if the
 * folder is read-only, it neither creates nor finishes anything.
 * @throws ReadOnlyStorageError if there are no sessions and none can be created. StoreError, including `cannot-open` if
 * there is nothing to view. UntrustedFolderError if somebody else created the sessions; nothing was changed then.
 */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const folder = join(resolve(options.folder), '.active-learning');
  const isReadOnly = options.browseOnly !== true && !(await canStore(folder));
  if (isReadOnly && !existsSync(join(folder, 'sessions.db'))) throw new ReadOnlyStorageError(folder, false);
  const browseOnly = options.browseOnly === true || isReadOnly;
  const paths = options.paths ?? productPaths();
  const system = await createSystem();
  const record = createUserRecord({ onWarning: options.onWarning });
  const onStoreWarning = options.onNotice ?? options.onWarning;
  const opened = {
    databasePath: join(folder, 'sessions.db'),
    threadPath: paths.storeThread,
    ...(onStoreWarning === undefined ? {} : { onWarning: onStoreWarning }),
  };
  const { store, leases } = browseOnly
    ? { store: await openStore({ ...opened, readOnly: true }), leases: null }
    : await openOwnStore(opened, folder, record, options.trust === true);
  const runsFolder = join(folder, 'runs');
  const datasetFiles = createDatasetReader({ readerPath: paths.datasetReader });
  const trainer = createTrainer({
    runsFolder,
    trainerFolder: paths.trainer,
    python: options.python ?? ownPython(paths.trainer),
    writePng: datasetFiles.writePng,
    ...(leases === null ? {} : { leases, knownFiles: record.files }),
    ...(options.launcher ? { launcher: options.launcher } : {}),
    ...(options.onWarning ? { onWarning: options.onWarning } : {}),
  });
  const inference = createProductInference({ paths, runsFolder, trainer });
  const background =
    options.background !== true || browseOnly || options.labels !== undefined
      ? undefined
      : backgroundOf(options, paths);
  const unfinished = createUnfinishedWrites(join(folder, 'cache', 'unfinished'));
  const ports: Ports = {
    store,
    system,
    inference,
    runsFolder,
    datasetFiles,
    labels: options.labels?.(folder) ?? createWorkspaceLabels(folder, onStoreWarning),
    classFile: createClassFile({ backupFolder: join(folder, 'backups', 'descriptions') }),
    artifacts: createArtifacts(unfinished),
    embeddings: createEmbeddingStore(join(folder, 'cache')),
    knownFiles: record.files,
    ...(browseOnly || options.scorePlugins === false ? {} : { scorePlugins: pluginsOf(folder, paths, options) }),
    selector: createSelector({ threadPath: paths.selectionThread }),
    ...(background === undefined ? {} : { background }),
    trainer,
  };
  const isFirst = !browseOnly && options.isOpenElsewhere !== true;
  try {
    if (isFirst) {
      tighten(folder);
      await ignoreFolder(folder);
      await unfinished.sweep();
    }
    const why = isReadOnly ? () => new ReadOnlyStorageError(folder, true) : undefined;
    const recovery = isFirst ? await recover(ports) : nothingRecovered;
    return {
      ports: browseOnly ? browsing(ports, options.visible ?? [resolve(options.folder)], why) : ports,
      folder,
      isReadOnly,
      recovery,
      close: async () => {
        await background?.close();
        await ports.datasetFiles.close();
        await inference.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The question about trust names the weights of the sessions, so a yes includes their current content. */
async function rememberBases(store: Store, files: KnownFiles): Promise<void> {
  for (const { baseModel } of await store.sessions.list()) {
    // Missing files and published names need no record.
    if (isAbsolute(baseModel)) await files.remember(baseModel, 'user').catch(() => undefined);
  }
}

interface OwnStore {
  readonly store: Store;
  /** The recorded processes of this folder's runs. */
  readonly leases: RunLeases;
}

/**
 * Opens the database of a folder that this user created or trusts; creates one if needed.
 * @throws UntrustedFolderError
 */
async function openOwnStore(
  opened: Pick<StoreOptions, 'databasePath' | 'threadPath' | 'onWarning'>,
  folder: string,
  record: UserRecord,
  trust: boolean,
): Promise<OwnStore> {
  const { found, known } = await standingOf(folder, record);
  const open = async (adopt: boolean): Promise<OwnStore> => {
    const folderId = await record.folders.claim(found);
    return { store: await openStore({ ...opened, folderId, adopt }), leases: record.runs(folderId) };
  };
  if (known) {
    try {
      return await open(false);
    } catch (error) {
      // The database at a known path is not the recorded one.
      if (!(error instanceof StoreError) || error.code !== 'foreign-database') throw error;
    }
  }
  if (!trust) throw new UntrustedFolderError(await describeUntrustedFolder(dirname(folder), found, opened.threadPath));
  const own = await open(true);
  await rememberModels(folder, record.files);
  await rememberBases(own.store, record.files);
  return own;
}

/**
 * Describes the `.active-learning` of a folder that this user neither created nor trusts; null if it has none. Opening
 * the database shows whether it is the recorded one.
 * @throws StorageError, StoreError if it cannot be read.
 */
export async function findUntrustedFolder(folder: string): Promise<UntrustedFolder | null> {
  const storage = join(resolve(folder), '.active-learning');
  const { found, known } = await standingOf(storage, createUserRecord());
  return known ? null : describeUntrustedFolder(dirname(storage), found, productPaths().storeThread);
}

async function ignoreFolder(folder: string): Promise<void> {
  const path = join(folder, '.gitignore');
  refuseLinks(folder, path);
  // Runs and caches do not belong in a repository, whatever the user's .gitignore says; score plug-ins do.
  // Reading a pipe of that name would block forever.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) return;
  const text = '*\n!/metrics/\n!/metrics/**\n';
  if ((await readFile(path, 'utf8').catch(() => null)) === text) return;
  const file = await openPrivate(folder, path, 'w');
  await file.writeFile(text);
  await file.close();
}

function backgroundOf(options: WorkspaceOptions, { background: workerPath }: ProductPaths): Background {
  const { folder, python, scorePlugins = true, onWarning, onNotice } = options;
  const setup = { folder: resolve(folder), python, scorePlugins };
  return createBackground({ workerPath, setup, onWarning, onNotice });
}

/** The user's score plug-ins. */
function pluginsOf(folder: string, paths: ProductPaths, { onWarning }: WorkspaceOptions): ScorePlugins {
  return createScorePlugins({
    folder: scorePluginsFolder(folder),
    threadPath: paths.scorePluginThread,
    ...(onWarning ? { onOutput: onWarning } : {}),
  });
}

/** The folder of score plug-ins in `.active-learning`. */
export function scorePluginsFolder(folder: string): string {
  return join(folder, 'metrics');
}

/** The virtual environment that the set-up creates beside the trainer. */
export function ownPython(trainer: string): string | undefined {
  const places = [join(trainer, '.venv', 'bin', 'python'), join(trainer, '.venv', 'Scripts', 'python.exe')];
  return places.find(existsSync);
}
