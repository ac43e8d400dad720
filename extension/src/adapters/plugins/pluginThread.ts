import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PluginImage, PluginContext } from '../../workflow/ports/scorePlugins.ts';
import { ThreadRpc } from '../platform/threadRpc.ts';
import { PluginError, type PluginFaultCode } from './pluginError.ts';
import type { LoadedPlugin, PluginThreadData, ScoreRequest, WireImage } from './pluginWire.ts';

export interface PluginLimits {
  /** Time limit for loading the file. */
  readonly loadMs: number;
  /** Time limit for one image. */
  readonly imageMs: number;
  /** Limit of the mean time per image over the run, after `meanAfter` images. */
  readonly meanMs: number;
  readonly meanAfter: number;
  /** Limit of its JavaScript heap. */
  readonly memoryMb: number;
}

const checkIntervalMs = 100;

/** One plug-in on a separate thread, which is terminated after the first fault. */
export class PluginThread {
  readonly file: string;
  readonly #rpc: ThreadRpc;
  readonly #limits: PluginLimits;
  readonly #progress: Int32Array;
  /** Images of completed calls, and the time of these calls. */
  #scored = 0;
  #spentMs = 0;

  /** @param onOutput receives each line that the plug-in prints. */
  constructor(threadPath: string, file: string, limits: PluginLimits, onOutput: (line: string) => void) {
    this.file = file;
    this.#limits = limits;
    const progress = new SharedArrayBuffer(4);
    this.#progress = new Int32Array(progress);
    const workerData: PluginThreadData = { url: pathToFileURL(file).href, progress };
    const worker = new Worker(threadPath, {
      workerData,
      name: `score ${basename(file)}`,
      execArgv: [],
      // Redirect standard output, which belongs to the program that loads the plug-in.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
    });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => text.split('\n').filter(Boolean).forEach(onOutput));
    }
    this.#rpc = new ThreadRpc(worker, {
      died: (what) => this.#error('ended', `Its thread ${what}.`),
      thrown: ({ code, message }) => this.#error(isPluginFault(code) ? code : 'failed', message),
    });
  }

  /** Waits until the file is loaded. @throws PluginError. */
  async load(): Promise<LoadedPlugin> {
    const { loadMs } = this.#limits;
    const start = performance.now();
    const loaded = await this.#watch(this.#rpc.started, () =>
      performance.now() - start < loadMs
        ? null
        : this.#error('timed-out', `It was not loaded within the time for that (${loadMs} ms).`),
    );
    return loaded as LoadedPlugin;
  }

  /**
   * The scores of images in the same order; `null` if the plug-in has no value.
   * @throws PluginError; the thread is then terminated and must not be called again.
   */
  async score(
    images: readonly PluginImage[],
    { options, classNames }: PluginContext,
    signal?: AbortSignal,
  ): Promise<(number | null)[]> {
    const { threshold, aggregation, classDifficulty } = options;
    const request: ScoreRequest = {
      images: images.map(wireImage),
      context: { classNames, threshold, aggregation, classDifficulty },
    };
    Atomics.store(this.#progress, 0, 0);
    const start = performance.now();
    const values = await this.#watch(this.#rpc.call('score', [request]), this.#slowness(images, start), signal);
    this.#scored += images.length;
    this.#spentMs += performance.now() - start;
    if (values instanceof Float64Array && values.length === images.length) {
      return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
    }
    const error = this.#error('failed', 'It answered what was not asked.');
    this.#end(error);
    throw error;
  }

  /** Terminates the thread, even during a call. */
  async close(): Promise<void> {
    this.#rpc.fail(this.#error('ended', 'It was closed.'));
    await this.#rpc.worker.terminate();
  }

  /** Returns a function that checks the duration of a call. The time limit applies to each image separately. */
  #slowness(images: readonly PluginImage[], start: number): () => PluginError | null {
    const { imageMs, meanMs, meanAfter } = this.#limits;
    let seen = 0;
    let seenAt = start;
    return () => {
      const now = performance.now();
      const place = Atomics.load(this.#progress, 0);
      if (place !== seen) [seen, seenAt] = [place, now];
      if (now - seenAt >= imageMs) {
        const text = `It did not answer in time on ${images[place]?.path ?? 'an image'} (${imageMs} ms).`;
        return this.#error('timed-out', text);
      }
      const count = this.#scored + place;
      const mean = (this.#spentMs + now - start) / count;
      if (count < meanAfter || mean <= meanMs) return null;
      return this.#error(
        'too-slow',
        `It took ${Math.round(mean)} ms an image over ${count} images; ${meanMs} ms are the most.`,
      );
    };
  }

  /** Waits for a response. Terminates the thread if `problem` reports one, the call fails, or `signal` fires. */
  async #watch(answer: Promise<unknown>, problem: () => PluginError | null, signal?: AbortSignal): Promise<unknown> {
    const answered = new AbortController();
    const stop = (): void => this.#end(this.#error('stopped', 'Scoring was stopped.'));
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { signal: answered.signal });
    const timer = setInterval(() => {
      if (problem() === null) return;
      // The response may have arrived while this thread was busy: process pending messages before reporting a fault.
      setImmediate(() => {
        const error = answered.signal.aborted ? null : problem();
        if (error !== null) this.#end(error);
      });
    }, checkIntervalMs);
    try {
      return await answer;
    } catch (error) {
      this.#end(error instanceof Error ? error : String(error));
      throw error;
    } finally {
      clearInterval(timer);
      answered.abort();
    }
  }

  #end(error: Error | string): void {
    this.#rpc.fail(error);
    void this.#rpc.worker.terminate();
  }

  #error(code: PluginFaultCode, message: string): PluginError {
    return new PluginError(code, message, hints[code], { where: this.file });
  }
}

const hints: Readonly<Record<PluginFaultCode, string>> = {
  'not-loaded': 'Correct the file; one that uses "export" should end in .mjs. docs/plugins.md shows an example.',
  'not-a-metric': 'Export an object with "id" and "compute" as default; docs/plugins.md shows an example.',
  'id-taken': 'Give the score another id.',
  failed: 'Correct the file; it is read again when scoring starts again.',
  'invalid-score': 'Correct the file; it is read again when scoring starts again.',
  'timed-out': 'Make it faster, or remove the file; it is tried again when scoring starts again.',
  'too-slow': 'Make it faster, or remove the file; it is tried again when scoring starts again.',
  stopped: 'Score again.',
  ended: 'Correct the file; it is read again when scoring starts again.',
};

function isPluginFault(code: string): code is PluginFaultCode {
  return Object.hasOwn(hints, code);
}

function wireImage({ imageId, path, width, height, evidence }: PluginImage): WireImage {
  const { detections, flipped, bestScore, classCount, head } = evidence;
  const mirrored = flipped === undefined ? {} : { flipped };
  return { imageId, path, width, height, detections, ...mirrored, bestScore, classCount, head };
}
