import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { workerEnvironment } from './workerEnvironment.ts';

export interface WorkerCommand {
  /** The entry file of the worker. */
  readonly workerPath: string;
  /** The Node (or Electron) that runs it. */
  readonly nodePath: string;
  /** The parent environment, from which the worker's is derived (`workerEnvironment`). */
  readonly env: NodeJS.ProcessEnv;
}

export interface WorkerDeath {
  /** A clause such as `was ended by signal SIGKILL`. */
  readonly how: string;
  /** The end of its stderr. */
  readonly stderr: string;
  /** Whether `watch` killed it. */
  readonly timedOut: boolean;
}

export interface WorkerListener<From> {
  onMessage(message: From): void;
  /** Called once, after the last message. */
  onDeath(death: WorkerDeath): void;
}

const STDERR_TAIL = 4000;

/** One forked worker, which receives `To` and sends `From`. It must exit when the parent closes the channel. */
export class WorkerProcess<To extends object, From> {
  /** Receives messages and the end of the process. Without a listener, messages are dropped. */
  listener: WorkerListener<From> | null = null;
  readonly #child: ChildProcess;
  #stderr = '';
  #how = 'ended';
  #timedOut = false;
  #watchdog: NodeJS.Timeout | null = null;
  #activity = 0;
  #dead = false;
  readonly #ended: Promise<void>;

  constructor(command: WorkerCommand) {
    this.#child = fork(command.workerPath, [], {
      execPath: command.nodePath,
      execArgv: [],
      env: workerEnvironment(command.env),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
    });
    this.#child.on('message', (message) => {
      this.#activity += 1;
      this.listener?.onMessage(message as From);
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_TAIL);
    });
    this.#child.on('exit', (code, signal) => {
      if (this.#timedOut) return;
      this.#how = signal === null ? `ended with exit code ${code}` : `was ended by signal ${signal}`;
    });
    this.#ended = this.#whenEnded().then(() => {
      this.#dead = true;
      this.watch(null);
      this.listener?.onDeath({ how: this.#how, stderr: this.#stderr.trim(), timedOut: this.#timedOut });
      return undefined;
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return !this.#dead;
  }

  /** Sends a message. Has no effect if the worker has exited; `onDeath` reports that. */
  send(message: To): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Kills the worker unless a message or another call of `watch` arrives within this time. `null` stops the timer. */
  watch(milliseconds: number | null): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = milliseconds === null ? null : setTimeout(() => this.#onTimeout(milliseconds), milliseconds);
  }

  /** Kills the worker, which has no state to save. Resolves after it has exited. */
  async kill(): Promise<void> {
    this.holdProcess(true);
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Sets whether the worker and its timer keep this process alive. */
  holdProcess(hold: boolean): void {
    const { stderr, channel } = this.#child;
    for (const handle of [this.#child, stderr instanceof Socket ? stderr : null, channel, this.#watchdog]) {
      if (hold) handle?.ref();
      else handle?.unref();
    }
  }

  /** If this process was blocked, the timer fires before pending messages are read, so check again. */
  #onTimeout(milliseconds: number): void {
    const seen = this.#activity;
    setImmediate(() => {
      if (this.#dead || this.#activity !== seen) return;
      this.#timedOut = true;
      this.#how = `did not answer for ${Math.round(milliseconds / 1000)} s and was ended`;
      this.#child.kill('SIGKILL');
    });
  }

  /** Waits for the end of the channel and of stderr, because the last messages arrive after `exit`. */
  async #whenEnded(): Promise<void> {
    const child = this.#child;
    await new Promise<void>((resolve) => {
      let open = 2;
      const close = (): void => {
        open -= 1;
        if (open === 0) resolve();
      };
      child.once('close', close);
      child.once('disconnect', close);
      child.once('error', (error) => {
        if (child.pid !== undefined) return;
        this.#how = `could not be started (${error.message})`;
        resolve();
      });
    });
  }
}
