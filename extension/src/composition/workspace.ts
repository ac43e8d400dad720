import { existsSync, lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { canStore } from '../adapters/storage/canStore.ts';
import { createEmbeddingStore } from '../adapters/embeddings/embeddingStore.ts';
import { createArtifacts } from '../adapters/files/artifactFiles.ts';
import { createClassFile } from '../adapters/files/dataYaml/dataYamlWriter.ts';
import { createDatasetReader } from '../adapters/files/reader/datasetReader.ts';
import { createWorkspaceLabels } from '../adapters/labels/workspaceLabels.ts';
import { createMetricPlugins } from '../adapters/plugins/metricPlugins.ts';
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
import type { MetricPlugins } from '../workflow/ports/metricPlugins.ts';
import { nothingRecovered, recover, type RecoveryReport } from '../workflow/dataset/recovery.ts';
import type { Store } from '../workflow/ports/store.ts';
import type { KnownFiles, RunLeases, UserRecord } from '../workflow/ports/userRecord.ts';
import { browsing, ReadOnlyStorageError } from './browse.ts';
import { createProductInference } from './productInference.ts';
import { productPaths, type ProductPaths } from './productPaths.ts';
import { describeStranger, rememberModels, standingOf, UntrustedFolderError, type Stranger } from './trust.ts';

export interface Workspace {
  readonly ports: Ports;
  /** The folder `.active-learning`. */
  readonly folder: string;
  /** It cannot be written, so that it is only looked at. */
  readonly isReadOnly: boolean;
  readonly recovery: RecoveryReport;
  close(): Promise<void>;
}

export interface WorkspaceOptions {
  /** The folder that holds `.active-learning`. */
  readonly folder: string;
  readonly python?: string | undefined;
  /** Where labels come from instead of the dataset's own files; gets the folder `.active-learning`. */
  readonly labels?: (folder: string) => LabelSource;
  /** Where the product's files are; by default beside this code. */
  readonly paths?: ProductPaths;
  /** How a trainer is started; by default as a detached process. */
  readonly launcher?: Launcher;
  /** Told about damage that stops nothing, and what metric plug-ins print. */
  readonly onWarning?: (message: string) => void;
  /** Told what a person should know at once, such as where a label went that its dataset does not take; by default `onWarning`. */
  readonly onNotice?: (message: string) => void;
  /** Whether metric plug-ins of the workspace, which are code, may run. Default true; never with `browseOnly`. */
  readonly metricPlugins?: boolean;
  /** Only to look at what is there: nothing is made, changed, finished, trained or scored. */
  readonly browseOnly?: boolean;
  /** With `browseOnly`: the folders whose files may be read. Default: the folder alone. */
  readonly visible?: readonly string[];
  /**
   * Work on many images is done in processes of its own, so that its memory is not that of this process: for a program
   * that stays. Default false; never with `labels` or `browseOnly`.
   */
  readonly background?: boolean;
  /** Another process of ours has the workspace open and this one works for it: nothing is recovered or tidied. */
  readonly isOpenElsewhere?: boolean;
  /** The user trusts what lies in `.active-learning`, whoever made it. Default false. */
  readonly trust?: boolean;
}

/**
 * Opens (or begins) the sessions of a workspace and finishes what dead processes left; with `browseOnly`, neither is
 * begun or finished, nor are they where the folder is read-only.
 * @throws ReadOnlyStorageError where no sessions are and none can be kept. StoreError, `cannot-open` among them where there
 * is nothing to browse. UntrustedFolderError where somebody else made the sessions; nothing was touched then.
 */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const folder = join(resolve(options.folder), '.active-learning');
  const isReadOnly = options.browseOnly !== true && !(await canStore(folder));
  if (isReadOnly && !existsSync(join(folder, 'sessions.db'))) throw new ReadOnlyStorageError(folder, false);
  const browseOnly = options.browseOnly === true || isReadOnly;
  const paths = options.paths ?? productPaths();
  const system = await createSystem();
  const record = createUserRecord({ onWarning: options.onWarning });
  const onNews = options.onNotice ?? options.onWarning;
  const opened = {
    databasePath: join(folder, 'sessions.db'),
    threadPath: paths.storeThread,
    ...(onNews === undefined ? {} : { onNews }),
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
    labels: options.labels?.(folder) ?? createWorkspaceLabels(folder, onNews),
    classFile: createClassFile({ backupFolder: join(folder, 'backups', 'descriptions') }),
    artifacts: createArtifacts(unfinished),
    embeddings: createEmbeddingStore(join(folder, 'cache')),
    knownFiles: record.files,
    ...(browseOnly || options.metricPlugins === false ? {} : { metricPlugins: pluginsOf(folder, paths, options) }),
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

/** The question about trust names the weights that the sessions start from: a yes means them, too, as they are now. */
async function rememberBases(store: Store, files: KnownFiles): Promise<void> {
  for (const { baseModel } of await store.sessions.list()) {
    // One that is gone, or that is only a name, is nothing to remember.
    if (isAbsolute(baseModel)) await files.remember(baseModel, 'user').catch(() => undefined);
  }
}

interface OwnStore {
  readonly store: Store;
  /** Of the runs of this folder. */
  readonly leases: RunLeases;
}

/**
 * Opens the database of a folder that this user made or trusts; a new one is made.
 * @throws UntrustedFolderError
 */
async function openOwnStore(
  opened: Pick<StoreOptions, 'databasePath' | 'threadPath' | 'onNews'>,
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
      // Another database lies at a place that the record knows.
      if (!(error instanceof StoreError) || error.code !== 'foreign-database') throw error;
    }
  }
  if (!trust) throw new UntrustedFolderError(await describeStranger(dirname(folder), found, opened.threadPath));
  const own = await open(true);
  await rememberModels(folder, record.files);
  await rememberBases(own.store, record.files);
  return own;
}

/**
 * What lies in `.active-learning` of a folder that this user neither made nor trusts; null where nothing does. Whether a
 * database at a known place is the one that is meant shows when it is opened.
 * @throws StorageError, StoreError where it cannot be read.
 */
export async function strangerIn(folder: string): Promise<Stranger | null> {
  const storage = join(resolve(folder), '.active-learning');
  const { found, known } = await standingOf(storage, createUserRecord());
  return known ? null : describeStranger(dirname(storage), found, productPaths().storeThread);
}

async function ignoreFolder(folder: string): Promise<void> {
  const path = join(folder, '.gitignore');
  refuseLinks(folder, path);
  // Runs and caches do not belong into a repository, whatever the one around us ignores; metrics that a person wrote do.
  // A pipe in its place would be waited for without end.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) return;
  const text = '*\n!/metrics/\n!/metrics/**\n';
  if ((await readFile(path, 'utf8').catch(() => null)) === text) return;
  const file = await openPrivate(folder, path, 'w');
  await file.writeFile(text);
  await file.close();
}

function backgroundOf(options: WorkspaceOptions, { background: workerPath }: ProductPaths): Background {
  const { folder, python, metricPlugins = true, onWarning, onNotice } = options;
  const setup = { folder: resolve(folder), python, metricPlugins };
  return createBackground({ workerPath, setup, onWarning, onNotice });
}

/** The metrics that the user wrote. */
function pluginsOf(folder: string, paths: ProductPaths, { onWarning }: WorkspaceOptions): MetricPlugins {
  return createMetricPlugins({
    folder: metricsFolder(folder),
    threadPath: paths.metricThread,
    ...(onWarning ? { onOutput: onWarning } : {}),
  });
}

/** Where metric plug-ins are, in the folder `.active-learning`. */
export function metricsFolder(folder: string): string {
  return join(folder, 'metrics');
}

/** The virtual environment that the set-up makes beside the trainer. */
export function ownPython(trainer: string): string | undefined {
  const places = [join(trainer, '.venv', 'bin', 'python'), join(trainer, '.venv', 'Scripts', 'python.exe')];
  return places.find(existsSync);
}
