import type { DatasetFiles, DatasetListing, ImageProbe } from '../../../workflow/ports/datasetFiles.ts';
import { ColumnImages, type ImageColumns } from '../listing/imageColumns.ts';
import { cancelled, fromReport, killedBy, readerFailed } from './readerErrors.ts';
import { ReaderProcess, type ReaderReplies, type ReaderLimits } from './readerProcess.ts';
import type { ReaderRequest } from './readerWire.ts';

export interface DatasetReaderSetup extends Partial<ReaderLimits> {
  /** The entry file of the process: the bundled `datasetReader.js`, or `reader.ts` if Node runs TypeScript. */
  readonly readerPath: string;
  /** The Node executable for the process. Default: the current one (Electron runs as plain Node). */
  readonly nodePath?: string;
  /** Its environment, from which the editor's variables are removed. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** `DatasetFiles` in a separate process. */
export interface DatasetReader extends DatasetFiles {
  /** The id of the process, if it is running. */
  pid(): number | undefined;
}

/**
 * Reads datasets in a separate process, which exits when it is idle and when this process exits. This frees the
 * decoder's memory, which only grows in WebAssembly. An image that crashes the decoder counts as unreadable, and all
 * others are read.
 */
export function createDatasetReader(setup: DatasetReaderSetup): DatasetReader {
  const { readerPath: workerPath, nodePath = process.execPath, env = process.env, ...limits } = setup;
  const reader = new ReaderProcess({ workerPath, nodePath, env }, limits);

  const ask = async <Result>(
    what: ReaderRequest,
    signal: AbortSignal | undefined,
    answers: (resolve: (result: Result) => void, reject: (error: Error) => void) => Omit<ReaderReplies, 'fail'>,
  ): Promise<Result> => {
    if (signal?.aborted === true) throw cancelled();
    let stop: (() => void) | undefined;
    try {
      return await new Promise<Result>((resolve, reject) => {
        const takeBack = reader.ask(what, { ...answers(resolve, reject), fail: reject });
        stop = () => {
          takeBack();
          reject(cancelled());
        };
        signal?.addEventListener('abort', stop);
      });
    } finally {
      if (stop) signal?.removeEventListener('abort', stop);
    }
  };

  return {
    list: (source, signal) =>
      ask<DatasetListing>({ source }, signal, (resolve, reject) => {
        let parts: ImageColumns[] = [];
        return {
          answer(message) {
            if (message.kind === 'images') parts.push(message.columns);
            else if (message.kind === 'refused') reject(fromReport(message.error));
            else if (message.kind === 'listed') {
              const { listing } = message;
              resolve({ ...listing, images: new ColumnImages(listing.roots, parts) });
            }
            return message.kind !== 'images';
          },
          begin: () => (parts = []),
          kill: (death) => reject(readerFailed(death)),
        };
      }),
    probe: (path, signal) =>
      ask<ImageProbe>({ path }, signal, (resolve) => ({
        answer(message) {
          if (message.kind === 'probed') resolve(message.probe);
          return true;
        },
        kill: (death) => resolve(killedBy(path, death)),
      })),
    writePng: (path, pngTo, signal) =>
      ask<void>({ path, pngTo }, signal, (resolve, reject) => ({
        answer(message) {
          if (message.kind === 'written' && message.error !== null) reject(fromReport(message.error));
          else resolve();
          return true;
        },
        kill: (death) => reject(fromReport({ name: 'ImageError', ...killedBy(path, death).problem })),
      })),
    pid: () => reader.pid,
    close: () => reader.close(),
  };
}
