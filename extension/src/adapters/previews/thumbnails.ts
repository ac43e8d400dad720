import { stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makePrivateFolder } from '../platform/privateFiles.ts';
import { WorkerProcess } from '../platform/workerProcess.ts';
import { cacheName, type PreviewImage } from './cacheName.ts';
import type { FromThumbnailWorker, ToThumbnailWorker } from './thumbnailWire.ts';

/** Small copies of images, at most 256 pixels wide or high, made when they are needed. */
export interface Thumbnails {
  /** The path of a thumbnail that exists; null if it must be made. */
  pathIfReady(image: PreviewImage): Promise<string | null>;
  /**
   * Makes the thumbnails of these images, in this order, instead of those that were asked for before and are not begun.
   * @param onDone receives the index of each image and the path of its thumbnail, or null if it cannot be made.
   */
  make(images: readonly PreviewImage[], onDone: (index: number, path: string | null) => void): void;
  /** Ends the process. */
  close(): Promise<void>;
}

export interface ThumbnailOptions {
  /** The folder of the thumbnails, two levels below `.active-learning`; safe to delete. */
  readonly folder: string;
  /** The entry file of the process. */
  readonly workerPath: string;
  readonly onWarning: (message: string) => void;
  /** The Node or Electron executable for the process. */
  readonly nodePath?: string;
  /** Above this size the thumbnails that were used longest ago are deleted. Default 1 GB: about 150,000. */
  readonly mostBytes?: number;
  /** Time without work after which the process ends. Default 10 seconds. */
  readonly idleMs?: number;
}

/** One image to make, or the cache to trim. */
interface Job {
  readonly message: ToThumbnailWorker;
  readonly done: (error: string | null) => void;
}

type Worker = WorkerProcess<ToThumbnailWorker, FromThumbnailWorker>;

/** An image that takes longer is given up. */
const imageTimeoutMs = 60_000;
/** After this many new thumbnails the size of the cache is checked again. */
const trimEvery = 5000;
/** A thumbnail that is shown counts as used, noted once a day. */
const usedAfterMs = 24 * 60 * 60 * 1000;

/** @returns thumbnails that a separate process makes. */
export function createThumbnails(options: ThumbnailOptions): Thumbnails {
  return new ThumbnailMaker(options);
}

/**
 * Makes one thumbnail at a time in a separate process, as a decoder that crashes on a damaged file must not end the
 * extension host. A thumbnail is named after the content of its image.
 */
class ThumbnailMaker implements Thumbnails {
  readonly #options: Required<ThumbnailOptions>;
  #worker: Worker | null = null;
  #expiry: NodeJS.Timeout | undefined;
  #running: Job | null = null;
  #waiting: (() => Promise<Job | null>)[] = [];
  /** Counts calls of `make`: jobs of an earlier one are void. */
  #request = 0;
  #made = 0;
  #pumping = false;
  #closed = false;

  constructor(options: ThumbnailOptions) {
    this.#options = { nodePath: process.execPath, mostBytes: 1e9, idleMs: 10_000, ...options };
  }

  async pathIfReady(image: PreviewImage): Promise<string | null> {
    const target = await this.#targetOf(image).catch(() => null);
    return target === null ? null : readyPath(target);
  }

  make(images: readonly PreviewImage[], onDone: (index: number, path: string | null) => void): void {
    this.#request += 1;
    const mine = this.#request;
    this.#waiting = images.map((image, index) => async () => {
      if (mine !== this.#request) return null;
      try {
        return await this.#jobFor(image, (path) => onDone(index, path));
      } catch (error) {
        this.#warn(image, error instanceof Error ? error.message : String(error));
        onDone(index, null);
        return null;
      }
    });
    // At the first call, too: an earlier window may have filled the cache.
    if (mine === 1 || this.#made >= trimEvery) {
      this.#made = 0;
      const { folder, mostBytes } = this.#options;
      this.#waiting.push(async () => ({ message: { kind: 'trim', folder, mostBytes }, done: () => undefined }));
    }
    void this.#pump();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    this.#running = null;
    clearTimeout(this.#expiry);
    await this.#end();
  }

  async #targetOf(image: PreviewImage): Promise<string> {
    const name = await cacheName(image);
    return join(this.#options.folder, name.slice(0, 2), `${name}.webp`);
  }

  /** What makes the thumbnail; null if it is there already. @throws if its folder cannot be used. */
  async #jobFor(image: PreviewImage, onDone: (path: string | null) => void): Promise<Job | null> {
    const target = await this.#targetOf(image);
    const ready = await readyPath(target);
    if (ready !== null) {
      onDone(ready);
      return null;
    }
    await makePrivateFolder(dirname(dirname(this.#options.folder)), dirname(target));
    const done = (error: string | null): void => {
      if (error === null) this.#made += 1;
      else this.#warn(image, error);
      onDone(error === null ? target : null);
    };
    return { message: { kind: 'make', source: image.path, target }, done };
  }

  #warn({ path }: PreviewImage, reason: string): void {
    this.#options.onWarning(`No thumbnail of ${path} could be made: ${reason}`);
  }

  /** Sends the next job, or lets the process end. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#running === null && this.#waiting.length > 0) {
      const job = await this.#waiting.shift()?.();
      if (job === undefined || job === null || this.#closed) continue;
      this.#running = job;
      this.#worker ??= this.#start();
      this.#worker.holdProcess(true);
      this.#worker.send(job.message);
      this.#worker.watch(imageTimeoutMs);
    }
    this.#pumping = false;
    clearTimeout(this.#expiry);
    if (this.#running !== null || this.#worker === null) return;
    this.#expiry = setTimeout(() => void this.#end(), this.#options.idleMs);
    this.#expiry.unref();
    this.#worker.holdProcess(false);
  }

  #start(): Worker {
    const { workerPath, nodePath } = this.#options;
    const started: Worker = new WorkerProcess({ workerPath, nodePath, env: process.env });
    started.listener = {
      onMessage: ({ error }) => this.#finish(error),
      onDeath: ({ how, stderr }) => {
        if (this.#worker === started) this.#worker = null;
        this.#finish(`the process ${how}${stderr === '' ? '' : `: ${stderr}`}`);
      },
    };
    return started;
  }

  #finish(error: string | null): void {
    const job = this.#running;
    this.#running = null;
    this.#worker?.watch(null);
    job?.done(error);
    void this.#pump();
  }

  async #end(): Promise<void> {
    const ending = this.#worker;
    this.#worker = null;
    if (ending === null) return;
    ending.listener = null;
    await ending.kill();
  }
}

async function readyPath(target: string): Promise<string | null> {
  const facts = await stat(target).catch(() => null);
  if (facts === null || facts.size === 0) return null;
  const now = Date.now();
  if (now - facts.mtimeMs > usedAfterMs) await utimes(target, now / 1000, now / 1000).catch(() => undefined);
  return target;
}
