import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PluginImage, PluginContext } from '../../workflow/ports/metricPlugins.ts';
import { PluginError, type PluginFaultCode } from './pluginError.ts';
import type { FromPlugin, PluginThreadData, ToPlugin, WireImage } from './pluginWire.ts';

export interface PluginLimits {
  /** Until a file is loaded. */
  readonly loadMs: number;
  /** For one image. */
  readonly imageMs: number;
  /** For an image on average over the run, once it has scored `meanAfter` of them. */
  readonly meanMs: number;
  readonly meanAfter: number;
  /** Of its JavaScript heap. */
  readonly memoryMb: number;
}

/** How often it is looked whether a thread gets on. */
const lookMs = 100;

type Loaded = Extract<FromPlugin, { kind: 'loaded' }>;

/** One plug-in in a thread of its own, which is ended as soon as it does anything wrong. */
export class PluginThread {
  readonly file: string;
  readonly #worker: Worker;
  readonly #limits: PluginLimits;
  readonly #progress: Int32Array;
  /** Takes the next message, or the end of the thread. */
  #settle: ((reply: FromPlugin | PluginError) => void) | null = null;
  /** A message that came before anybody waited for it. */
  #early: FromPlugin | null = null;
  #end: PluginError | null = null;
  /** Images of the calls that were answered, and what they took. */
  #scored = 0;
  #spentMs = 0;

  /** @param onOutput told each line that the plug-in prints. */
  constructor(threadPath: string, file: string, limits: PluginLimits, onOutput: (line: string) => void) {
    this.file = file;
    this.#limits = limits;
    const progress = new SharedArrayBuffer(4);
    this.#progress = new Int32Array(progress);
    const workerData: PluginThreadData = { url: pathToFileURL(file).href, progress };
    this.#worker = new Worker(threadPath, {
      workerData,
      name: `metric ${basename(file)}`,
      execArgv: [],
      // Standard output belongs to the program around: a plug-in's words go another way.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => text.split('\n').filter(Boolean).forEach(onOutput));
    }
    // A thread that waits for work must not keep the program from ending.
    this.#worker.unref();
    this.#worker.on('message', (reply: FromPlugin) => {
      if (this.#settle === null) this.#early = reply;
      else this.#settle(reply);
    });
    this.#worker.on('messageerror', (error) => this.#ended(`sent what cannot be read: ${error.message}`));
    this.#worker.on('error', (error) => this.#ended(`stopped: ${errorText(error)}`));
    this.#worker.on('exit', (code) => this.#ended(`ended with code ${code}`));
  }

  /** Waits until the file is loaded. @throws PluginError. */
  async load(): Promise<Loaded> {
    const { loadMs } = this.#limits;
    const start = performance.now();
    const reply = await this.#reply(() =>
      performance.now() - start < loadMs
        ? null
        : this.#error('timed-out', `It was not loaded within the time for that (${loadMs} ms).`),
    );
    if (reply.kind === 'loaded') return reply;
    throw this.#broken(
      reply.kind === 'refused' ? reply.code : 'not-loaded',
      reply.kind === 'refused' ? reply.message : 'It answered before it was loaded.',
    );
  }

  /**
   * The scores of images, in their order; `null` where the plug-in has no value.
   * @throws PluginError; the thread is ended then, and must not be called again.
   */
  async score(
    images: readonly PluginImage[],
    { options, classNames }: PluginContext,
    signal?: AbortSignal,
  ): Promise<(number | null)[]> {
    const { threshold, aggregation, classDifficulty } = options;
    const call: ToPlugin = {
      images: images.map(wireImage),
      context: { classNames, threshold, aggregation, classDifficulty },
    };
    Atomics.store(this.#progress, 0, 0);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(call);
    const start = performance.now();
    const reply = await this.#reply(this.#slowness(images, start), signal);
    this.#scored += images.length;
    this.#spentMs += performance.now() - start;
    if (reply.kind === 'failed') throw this.#broken(reply.code, reply.message, images[reply.index]?.path);
    if (reply.kind !== 'scores' || reply.values.length !== images.length) {
      throw this.#broken('failed', 'It answered what was not asked.');
    }
    return Array.from(reply.values, (value) => (Number.isNaN(value) ? null : value));
  }

  /** Ends the thread, whatever it does. */
  async close(): Promise<void> {
    this.#end ??= this.#error('ended', 'It was closed.');
    await this.#worker.terminate();
  }

  /** What is wrong with the time that a call takes, if anything; that for an image begins anew whenever it gets on to another one. */
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

  /** The next message, unless `problem` is found before, or the call is stopped. */
  async #reply(problem: () => PluginError | null, signal?: AbortSignal): Promise<FromPlugin> {
    if (this.#end !== null) throw this.#end;
    const early = this.#early;
    this.#early = null;
    if (early !== null) return early;
    this.#worker.ref();
    let timer: NodeJS.Timeout | undefined;
    const answered = new AbortController();
    try {
      const reply = await new Promise<FromPlugin | PluginError>((resolve) => {
        this.#settle = resolve;
        const stop = (): void => resolve(this.#error('stopped', 'Scoring was stopped.'));
        if (signal?.aborted === true) stop();
        signal?.addEventListener('abort', stop, { signal: answered.signal });
        const look = (): void => {
          // The answer may have come while this thread was busy: messages that wait are read before the verdict.
          if (problem() === null) return;
          setImmediate(() => {
            const found = problem();
            if (found !== null) resolve(found);
          });
        };
        timer = setInterval(look, lookMs);
      });
      if (reply instanceof PluginError) {
        this.#end ??= reply;
        void this.#worker.terminate();
        throw reply;
      }
      return reply;
    } finally {
      clearInterval(timer);
      answered.abort();
      this.#settle = null;
      this.#worker.unref();
    }
  }

  /** Ends the thread for what it answered. */
  #broken(code: PluginFaultCode, message: string, where?: string): PluginError {
    const error = this.#error(code, message, where);
    this.#end ??= error;
    void this.#worker.terminate();
    return error;
  }

  #ended(what: string): void {
    this.#end ??= this.#error('ended', `Its thread ${what}.`);
    this.#settle?.(this.#end);
  }

  #error(code: PluginFaultCode, message: string, where?: string): PluginError {
    const text = where === undefined ? message : `${message} The image was ${where}.`;
    return new PluginError(code, text, hints[code], { where: this.file });
  }
}

const hints: Readonly<Record<PluginFaultCode, string>> = {
  'not-loaded': 'Correct the file; one that uses "export" should end in .mjs. docs/plugins.md shows an example.',
  'not-a-metric': 'Export an object with "id" and "compute" as default; docs/plugins.md shows an example.',
  'id-taken': 'Give the metric another id.',
  failed: 'Correct the file; it is read again when scoring starts again.',
  'invalid-score': 'Correct the file; it is read again when scoring starts again.',
  'timed-out': 'Make it faster, or remove the file; it is tried again when scoring starts again.',
  'too-slow': 'Make it faster, or remove the file; it is tried again when scoring starts again.',
  stopped: 'Score again.',
  ended: 'Correct the file; it is read again when scoring starts again.',
};

/** What a thread ended with, in words: `ERR_WORKER_OUT_OF_MEMORY` says nothing to most people. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it ran out of memory' : error.message;
}

function wireImage({ imageId, path, width, height, evidence }: PluginImage): WireImage {
  const { detections, flipped, bestScore, classCount, head } = evidence;
  const mirrored = flipped === undefined ? {} : { flipped };
  return { imageId, path, width, height, detections, ...mirrored, bestScore, classCount, head };
}
