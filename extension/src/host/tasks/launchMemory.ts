import type { LaunchCommand } from '../../adapters/training/launcher.ts';

/** What a run was started with, kept across reloads: VS Code re-attaches a task only when it can be made again. */
export interface Launch {
  readonly command: LaunchCommand;
  /** The workspace folder of the run, as a URI. */
  readonly folder: string;
}

/** The part of `vscode.Memento` that is used. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const key = 'activeLearning.launches';
/** A run is re-attached within one life of its process: older ones are of no use. */
const most = 20;

/** By hand and not by a schema: this is loaded with every window, and the schema library would double that time. */
function isLaunch(value: unknown): value is Launch {
  if (!isRecord(value) || !isRecord(value['command'])) return false;
  const { runId, executable, args, env, cwd, logFile } = value['command'];
  return (
    [runId, executable, cwd, logFile, value['folder']].every((text) => typeof text === 'string') &&
    Array.isArray(args) &&
    args.every((arg) => typeof arg === 'string') &&
    isRecord(env) &&
    Object.values(env).every((text) => typeof text === 'string')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Remembers how runs were started. What it cannot read (another version wrote it) counts as forgotten. */
export class LaunchMemory {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  async remember(command: LaunchCommand, folder: string): Promise<void> {
    const others = this.#all().filter((launch) => launch.command.runId !== command.runId);
    const launches = [...others, { command, folder }].slice(-most);
    await this.#memory.update(key, launches);
  }

  recall(runId: string): Launch | null {
    return this.#all().findLast((launch) => launch.command.runId === runId) ?? null;
  }

  /** The runs that were started in a workspace folder, oldest first. */
  runsIn(folder: string): readonly string[] {
    return this.#all().flatMap((launch) => (launch.folder === folder ? [launch.command.runId] : []));
  }

  #all(): Launch[] {
    const kept = this.#memory.get(key);
    if (!Array.isArray(kept)) return [];
    return kept.filter(isLaunch);
  }
}
