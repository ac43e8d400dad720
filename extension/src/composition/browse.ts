import { dirname, join } from 'node:path';
import { ownLabelPath } from '../adapters/labels/locate.ts';
import { isReallyBelow } from '../adapters/storage/visiblePlaces.ts';
import { AppError } from '../core/errors.ts';
import type { Ports } from '../workflow/ports/ports.ts';
import type { ImageLocation } from '../workflow/ports/labelSource.ts';

/** Something was asked of a workspace that is only looked at. */
class BrowseOnlyError extends AppError<'browse-only'> {
  constructor() {
    super(
      'browse-only',
      'These sessions are not trusted: nothing is trained, scored or written.',
      'Trust the workspace, and the sessions if they came with the folder, then try again.',
    );
  }
}

/** Sessions cannot be kept where they should be: the folder is read-only. */
export class ReadOnlyStorageError extends AppError<'storage-read-only'> {
  /** @param holdsSessions there are some, which can be looked at. */
  constructor(folder: string, holdsSessions: boolean) {
    super(
      'storage-read-only',
      `The folder ${dirname(folder)} cannot be written${holdsSessions ? ': its sessions can only be looked at.' : ', so that no sessions can be kept in it.'}`,
      'Keep them in another folder: in VS Code by "Choose Session Storage Location", on the command line by --workspace. The images stay where they are.',
      { where: folder },
    );
  }
}

/**
 * The ports of a workspace that is only looked at, such as one that is not trusted: it reads, and refuses to start
 * processes and to change files. That its database takes no writes is the business of whoever opened it.
 * @param visible the folders that the user sees: no path that leads elsewhere is followed, since anybody may have written it.
 * @param why makes the error of what is refused.
 */
export function browsing(
  ports: Ports,
  visible: readonly string[],
  why: () => AppError = () => new BrowseOnlyError(),
): Ports {
  const refuse = (): Promise<never> => Promise.reject(why());
  const { artifacts, labels } = ports;
  // What lies beside the database came with it, wherever that is.
  const seen = [...visible, dirname(ports.runsFolder)];
  const onlySeen =
    <Result>(read: (path: string) => Promise<Result>) =>
    async (path: string): Promise<Result> =>
      (await isReallyBelow(seen, path)) ? read(path) : refuse();
  // A label may be a link where its image is none, and the other way round.
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
      // What a run folder says of a process or of files is a stranger's word.
      isAlive: async () => false,
      result: async () => null,
    },
    // A row may name any file of this machine, or of another one that asking alone would reach.
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
