import type { ProcessEnd } from '../../adapters/training/launcher.ts';

/** The task of one run. Receives the events of VS Code, in any order. */
export class RunningTask {
  readonly runId: string;
  /** The workspace folder, as a URI. */
  readonly folder: string;
  /** Resolves to the process id, or to `undefined` if the task ended without a process. */
  readonly started: Promise<number | undefined>;
  /** Never rejects. */
  readonly exited: Promise<ProcessEnd>;
  #start: (pid: number | undefined) => void = () => {};
  #end: (end: ProcessEnd) => void = () => {};
  #hasProcess = false;
  #ended = false;

  constructor(runId: string, folder: string) {
    this.runId = runId;
    this.folder = folder;
    this.started = new Promise((resolve) => (this.#start = resolve));
    this.exited = new Promise((resolve) => (this.#end = resolve));
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** VS Code also reports a process that could not be started; it has no id. */
  onProcess(pid: number | undefined): void {
    if (pid === undefined) return;
    this.#hasProcess = true;
    this.#start(pid);
  }

  onProcessEnd(exitCode: number | undefined): void {
    this.#finish(exitCode);
  }

  /** The task ended without an event for its process, for example because its terminal was closed. */
  onTaskEnd(): void {
    this.#finish(undefined);
  }

  #finish(exitCode: number | undefined): void {
    this.#ended = true;
    this.#start(undefined);
    // The terminal shows why.
    this.#end({ exitCode, error: this.#hasProcess ? undefined : 'the terminal could not start it' });
  }
}

/** The training tasks of this window, by run id. */
export class RunningTasks {
  readonly #byRun = new Map<string, RunningTask>();

  get(runId: string): RunningTask | null {
    return this.#byRun.get(runId) ?? null;
  }

  /** The task that runs in that workspace folder. */
  inFolder(folder: string): RunningTask | null {
    return [...this.#byRun.values()].find((task) => task.folder === folder) ?? null;
  }

  /** Returns the task of a run; adds it if necessary. */
  add(runId: string, folder: string): RunningTask {
    const known = this.#byRun.get(runId);
    if (known) return known;
    const task = new RunningTask(runId, folder);
    this.#byRun.set(runId, task);
    return task;
  }

  remove(runId: string): void {
    this.#byRun.delete(runId);
  }
}
