import { basename, resolve } from 'node:path';
import { type AppError, toErrorReport } from '../../core/errors.ts';
import { scoreId } from '../../core/session/sessionSettings.ts';
import { builtInScores } from '../../core/uncertainty/registry.ts';
import type {
  ScorePlugins,
  PluginContext,
  PluginFault,
  PluginImage,
  PluginScore,
  PluginRun,
} from '../../workflow/ports/scorePlugins.ts';
import { findPlugins, type FoundPlugin } from './findPlugins.ts';
import { PluginError } from './pluginError.ts';
import { PluginThread, type PluginLimits } from './pluginThread.ts';

export interface ScorePluginsSetup {
  /** Folder of the plug-ins; it need not exist. */
  readonly folder: string;
  /** The entry file of a plug-in's thread: `thread.ts` or its bundle. */
  readonly threadPath: string;
  /** Receives output of plug-ins, with the name of their file. */
  readonly onOutput?: (line: string) => void;
  readonly limits?: Partial<PluginLimits>;
}

const usualLimits: PluginLimits = { loadMs: 10_000, imageMs: 5000, meanMs: 500, meanAfter: 20, memoryMb: 512 };

/** Score plug-ins of a folder. Each run starts new threads, so that it loads the current files. */
export function createScorePlugins(setup: ScorePluginsSetup): ScorePlugins {
  const limits = { ...usualLimits, ...setup.limits };
  const { onOutput = () => undefined } = setup;
  return {
    async open() {
      const run = new ThreadRun();
      const found = await findPlugins(setup.folder);
      await Promise.all(
        found.map(async (plugin) => {
          const name = basename(plugin.file);
          const print = (line: string): void => onOutput(`${name}: ${line}`);
          run.add(plugin, new PluginThread(resolve(setup.threadPath), plugin.file, limits, print));
        }),
      );
      await run.load();
      return run;
    },
  };
}

interface Entry {
  readonly plugin: FoundPlugin;
  readonly thread: PluginThread;
  /** Null before loading and after a fault. */
  score: PluginScore | null;
}

class ThreadRun implements PluginRun {
  readonly #entries: Entry[] = [];
  readonly #faults: PluginFault[] = [];

  get scores(): readonly PluginScore[] {
    return this.#entries.flatMap(({ score }) => (score === null ? [] : [score]));
  }

  get faults(): readonly PluginFault[] {
    return this.#faults;
  }

  add(plugin: FoundPlugin, thread: PluginThread): void {
    this.#entries.push({ plugin, thread, score: null });
  }

  async load(): Promise<void> {
    const loading = this.#entries.map(({ thread }) => thread.load());
    const taken = new Set(builtInScores.map(({ id }) => id));
    // The first plug-in in the folder gets the id, even if another thread was faster.
    for (const [i, result] of (await Promise.allSettled(loading)).entries()) {
      const entry = this.#entries[i];
      if (entry === undefined) continue;
      const { file, digest } = entry.plugin;
      if (result.status === 'rejected') {
        this.#fail(entry, null, result.reason);
        continue;
      }
      const { id, title, description } = result.value;
      const problem = problemOf(id, taken, file);
      if (problem !== null) {
        this.#fail(entry, id, problem);
        continue;
      }
      taken.add(id);
      entry.score = { id, title, description, file, digest };
    }
  }

  async score(
    images: readonly PluginImage[],
    context: PluginContext,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly (number | null)[]>> {
    const working = this.#entries.filter(({ score }) => score !== null);
    const results = await Promise.allSettled(working.map(({ thread }) => thread.score(images, context, signal)));
    const scores = new Map<string, readonly (number | null)[]>();
    for (const [i, result] of results.entries()) {
      const entry = working[i];
      const id = entry?.score?.id;
      if (entry === undefined || id === undefined) continue;
      if (result.status === 'fulfilled') scores.set(id, result.value);
      // A cancelled plug-in is not at fault.
      else if (signal?.aborted !== true) this.#fail(entry, id, result.reason);
    }
    return scores;
  }

  async close(): Promise<void> {
    await Promise.all(this.#entries.map(({ thread }) => thread.close()));
  }

  #fail(entry: Entry, id: string | null, reason: unknown): void {
    entry.score = null;
    void entry.thread.close();
    this.#faults.push({ id, file: entry.plugin.file, error: toErrorReport(reason) });
  }
}

function problemOf(id: string, taken: ReadonlySet<string>, file: string): AppError | null {
  if (!scoreId.test(id)) {
    const message = `Its id "${id}" is invalid: an id has lower-case letters, digits and hyphens, at most 64, and begins with a letter.`;
    return new PluginError('not-a-metric', message, 'Give the score such an id, for example cut-off.', {
      where: file,
    });
  }
  if (!taken.has(id)) return null;
  return new PluginError('id-taken', `There is already a score with the id "${id}".`, 'Give the score another id.', {
    where: file,
  });
}
