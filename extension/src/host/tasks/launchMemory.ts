import type { LaunchCommand } from '../../adapters/training/launcher.ts';

/** How a run was started. Stored across reloads, since VS Code only re-attaches a task that can be created again. */
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
/** Only running processes are re-attached, so older runs are not needed. */
const most = 20;

/** Without a schema: this runs at activation, and the schema library would double its time. */
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

/** Remembers how runs were started. Ignores entries that another version wrote. */
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
