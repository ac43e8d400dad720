import { dirname, join } from 'node:path';
import { ownLabelPath } from '../adapters/labels/locate.ts';
import { isReallyBelow } from '../adapters/storage/visiblePlaces.ts';
import { AppError } from '../core/errors.ts';
import type { Ports } from '../workflow/ports/ports.ts';
import type { ImageLocation } from '../workflow/ports/labelSource.ts';

/** The workspace is open for viewing only and cannot do what was requested. */
class BrowseOnlyError extends AppError<'browse-only'> {
  constructor() {
    super(
      'browse-only',
      'These sessions are not trusted. Training, scoring and writing are disabled.',
      'Trust the workspace, and the sessions if they came with the folder, then try again.',
    );
  }
}

/** The folder for sessions is read-only. */
export class ReadOnlyStorageError extends AppError<'storage-read-only'> {
  /** @param holdsSessions whether it contains sessions, which can then be viewed. */
  constructor(folder: string, holdsSessions: boolean) {
    super(
      'storage-read-only',
      `The folder ${dirname(folder)} is read-only${holdsSessions ? ': you can only view its sessions.' : ', so it cannot contain sessions.'}`,
      'Store sessions in another folder: in VS Code with "Choose Session Storage Location", on the command line with --workspace. The images stay in place.',
      { where: folder },
    );
  }
}

/**
 * The ports of a workspace that is open for viewing only, such as an untrusted one: they read, but refuse to start
 * processes or change files. The caller must open the database read-only.
 * @param visible the folders that the user sees. Paths that lead elsewhere are not followed, because anybody may have
 * written them.
 * @param why creates the error for refused calls.
 */
export function browsing(
  ports: Ports,
  visible: readonly string[],
  why: () => AppError = () => new BrowseOnlyError(),
): Ports {
  const refuse = (): Promise<never> => Promise.reject(why());
  const { artifacts, labels } = ports;
  // Files beside the database came with it, wherever it is.
  const seen = [...visible, dirname(ports.runsFolder)];
  const onlySeen =
    <Result>(read: (path: string) => Promise<Result>) =>
    async (path: string): Promise<Result> =>
      (await isReallyBelow(seen, path)) ? read(path) : refuse();
  // A label may be a link although its image is not, and vice versa.
  const isSeen = async (image: ImageLocation): Promise<boolean> =>
    (await isReallyBelow(visible, join(image.rootPath, image.relativePath))) &&
    (await isReallyBelow(visible, ownLabelPath(image)));
  return {
    ...ports,
    labels: {
      ...labels,
      read: async (image) => ((await isSeen(image)) ? labels.read(image) : null),
      write: refuse,
      tidy: refuse,
      moveRoot: refuse,
    },
    classFile: { read: onlySeen(ports.classFile.read), append: refuse },
    datasetFiles: { ...ports.datasetFiles, list: refuse, probe: refuse, writePng: refuse },
    inference: {
      ...ports.inference,
      settle: refuse,
      predict: () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) }),
    },
    trainer: {
      ...ports.trainer,
      checkEnvironment: refuse,
      checkWeights: refuse,
      prepare: refuse,
      start: refuse,
      cancel: refuse,
      follow: refuse,
      // Process ids and paths in a run folder may come from a stranger.
      isAlive: async () => false,
      result: async () => null,
    },
    // A row may name any file of this machine, or a network path that would be contacted just by checking it.
    artifacts: {
      exists: async (path) => (await isReallyBelow(seen, path)) && artifacts.exists(path),
      isFileIn: async (folder, path) => (await isReallyBelow(seen, path)) && artifacts.isFileIn(folder, path),
      sizeBytes: onlySeen(artifacts.sizeBytes),
      readText: onlySeen(artifacts.readText),
      digest: onlySeen(artifacts.digest),
      publish: refuse,
    },
  };
}
