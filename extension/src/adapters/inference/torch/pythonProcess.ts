import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ErrorReport } from '../../../core/errors.ts';
import { nodeFiles } from '../../python/fileOps.ts';
import { readLogTail } from '../../python/logTail.ts';
import { makePrivateFolder, privateFile } from '../../platform/privateFiles.ts';
import { environmentOf, trainerStart } from '../../python/pythonStart.ts';

export interface PythonCommand {
  readonly python: string;
  /** The folder that contains the package `al_trainer`. */
  readonly trainerFolder: string;
  /** The run folder. `start` creates it, `close` removes it. */
  readonly folder: string;
  /** The content of config.json. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface PythonEnd {
  /** A clause such as `was ended by signal SIGKILL`. */
  readonly how: string;
  /** The end of its output. */
  readonly log: string;
  /** The error in its result.json, if it wrote one. */
  readonly error: ErrorReport | null;
  readonly device: string | null;
}

const pollMs = 5;
const resultFile = z.object({
  device: z.string().nullish(),
  error: z.object({ name: z.string(), code: z.string(), message: z.string(), hint: z.string() }).nullish(),
});

/** A trainer process with the job `predict`. It reads images from one file and writes predictions to another. */
export class PythonProcess {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #input: FileHandle;
  readonly #log: WriteStream;
  #ended: string | null = null;
  /** Why we killed it, as a clause. */
  #killedFor: string | null = null;
  #exit: Promise<void>;
  #offset = 0;
  #rest = Buffer.alloc(0);
  #output: FileHandle | null = null;

  private constructor(folder: string, child: ChildProcess, input: FileHandle, log: WriteStream) {
    this.#folder = folder;
    this.#child = child;
    this.#input = input;
    this.#log = log;
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    // Writing to an exited process fails; the `close` event reports its exit.
    child.stdin?.on('error', () => undefined);
    this.#exit = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#ended ??= `could not be started (${error.message})`;
        resolve();
      });
      child.once('close', (code, signal) => {
        const how = signal === null ? `ended with code ${code}` : `was ended by signal ${signal}`;
        this.#ended ??= this.#killedFor ?? how;
        resolve();
      });
    });
  }

  static async start({ python, trainerFolder, folder, config }: PythonCommand): Promise<PythonProcess> {
    await makePrivateFolder(dirname(dirname(folder)), folder);
    const mode = privateFile;
    await writeFile(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`, { mode });
    const input = await open(join(folder, 'images.jsonl'), 'a', mode);
    const log = createWriteStream(join(folder, 'trainer.log'), { flags: 'a', mode });
    // If this process exits in any way, the standard input of the child closes, and the child exits too.
    const launch = trainerStart(python, trainerFolder, [folder]);
    const child = spawn(python, launch.args, {
      cwd: launch.cwd,
      env: environmentOf(launch),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    return new PythonProcess(folder, child, input, log);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#ended !== null;
  }

  /** Sends further images, or the end mark. */
  async send(
    lines: readonly ({ readonly id: number; readonly path: string } | { readonly end: true })[],
  ): Promise<void> {
    if (lines.length > 0) await this.#input.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  /** The lines written since the last call; waits briefly if there are none. */
  async read(): Promise<string[]> {
    // Check before reading the file, so that no line written before the exit is missed.
    const over = this.ended;
    const lines = await this.#newLines();
    if (lines.length === 0 && !over) await Promise.race([sleep(pollMs), this.#exit]);
    return lines;
  }

  /** Waits until the process exits by itself, but no longer than `timeoutMs`. */
  async finished(timeoutMs: number): Promise<void> {
    const timeout = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: timeout.signal }).catch(() => undefined);
    await Promise.race([this.#exit, late]);
    timeout.abort();
  }

  /** Kills the process. `why` is a clause for `end`, such as `said nothing for 300 s`; only the first call sets it. */
  kill(why?: string): void {
    this.#killedFor ??= why ?? null;
    this.#child.kill('SIGKILL');
  }

  /** How the process ended. Call it after the end. */
  async end(): Promise<PythonEnd> {
    const log = await readLogTail(nodeFiles, join(this.#folder, 'trainer.log'), 10);
    const text = await readFile(join(this.#folder, 'result.json'), 'utf8').catch(() => null);
    const result = text === null ? null : readResult(text);
    return { how: this.#ended ?? 'is still there', log, error: result?.error ?? null, device: result?.device ?? null };
  }

  /** Kills the process and removes its folder. */
  async close(): Promise<void> {
    this.kill();
    await this.#exit;
    await this.#input.close();
    await this.#output?.close();
    await new Promise<void>((resolve) => this.#log.end(resolve));
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async #newLines(): Promise<string[]> {
    this.#output ??= await open(join(this.#folder, 'predictions.jsonl'), 'r').catch(() => null);
    if (this.#output === null) return [];
    const parts = [this.#rest];
    // Read to the end of the file: the process may have exited, and then this is the last call.
    for (let full = true; full;) {
      const chunk = Buffer.alloc(1 << 18);
      const { bytesRead } = await this.#output.read(chunk, 0, chunk.length, this.#offset);
      this.#offset += bytesRead;
      parts.push(chunk.subarray(0, bytesRead));
      full = bytesRead === chunk.length;
    }
    const data = Buffer.concat(parts);
    const whole = data.lastIndexOf(0x0a) + 1;
    this.#rest = data.subarray(whole);
    return data
      .toString('utf8', 0, whole)
      .split('\n')
      .filter((line) => line !== '');
  }
}

/** The content of result.json; null if it is invalid. */
function readResult(text: string): z.infer<typeof resultFile> | null {
  try {
    return resultFile.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
