import * as vscode from 'vscode';
import { iterationKind } from '../core/session/stateMachine.ts';
import { toErrorReport } from '../core/errors.ts';
import type { ProgressUpdate } from '../workflow/ports/progress.ts';
import type { IterationRow } from '../workflow/ports/store.ts';
import type { DownloadConsent } from './downloads.ts';
import type { PythonEnvironment } from './environment/environment.ts';
import type { ErrorPresenter } from './errors.ts';
import { commandIds, contextKeys } from './ids.ts';
import { Disposables } from './lifecycle.ts';
import { LiveFolder } from './openFolder.ts';
import { announceEnd } from './runnerNews.ts';
import type { Activity, Runner, SessionRef } from './services.ts';

/** What the runner needs of its surroundings. */
export interface RunnerSupport {
  readonly log: vscode.LogOutputChannel;
  readonly errors: ErrorPresenter;
  readonly environment: PythonEnvironment;
  readonly downloads: DownloadConsent;
  /** The folders that hold sessions. */
  openAll(): Promise<readonly LiveFolder[]>;
}

interface Running {
  activity: Activity;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** A training of another window may end a moment before its lease is seen as free. */
const busyRetries = 5;
const busyRetryMs = 4000;

/** Runs iterations in this window, one at a time for each workspace folder. */
export class IterationRunner implements Runner {
  readonly #support: RunnerSupport;
  readonly #owned = new Disposables();
  readonly #news = this.#owned.track(new vscode.EventEmitter<Activity | null>());
  readonly #running = new Map<string, Running>();
  readonly onDidChange = this.#news.event;

  constructor(support: RunnerSupport) {
    this.#support = support;
  }

  get current(): Activity | null {
    return [...this.#running.values()].at(-1)?.activity ?? null;
  }

  /** What runs in the folder of this session, if anything. */
  activityIn(ref: SessionRef): Activity | null {
    return this.#running.get(keyOf(ref))?.activity ?? null;
  }

  async start(ref: SessionRef): Promise<void> {
    if (await this.#refuse(ref)) return;
    try {
      if (!(await this.#ready(ref))) return;
    } catch (error) {
      await this.#support.errors.show(error, 'Preparing an iteration', ref);
      return;
    }
    // Somebody may have started meanwhile: questions take their time.
    if (await this.#refuse(ref)) return;
    await this.#run(ref, 0);
  }

  async stop(): Promise<void> {
    await this.stopIn(null);
  }

  /** Stops what runs in the folder of this session; `null` stops everything in this window. */
  async stopIn(ref: SessionRef | null): Promise<void> {
    const stopped = [...this.#running].filter(([key]) => ref === null || key === keyOf(ref));
    for (const [, running] of stopped) {
      running.abort.abort();
      this.#tell(running, { step: 'stop', message: vscode.l10n.t('Stopping after the current batch') });
    }
    await Promise.all(stopped.map(([, running]) => running.done));
  }

  async resumeInterrupted(): Promise<void> {
    const folders = await this.#support.openAll();
    if (folders.length === 0) return;
    const { interruptedIteration } = await import('./interrupted.ts');
    for (const folder of folders) {
      const found = await interruptedIteration(folder.engine);
      if (found === null) continue;
      const ref = { folder, sessionId: found.session.id };
      const { name } = found.session;
      if (found.kind === 'working') {
        this.#support.log.info(`Iteration ${found.iteration.iterationNumber} of "${name}" goes on.`);
        void this.#run(ref, busyRetries);
        continue;
      }
      const goOn = vscode.l10n.t('Continue Training');
      void vscode.window
        .showInformationMessage(
          vscode.l10n.t(
            'Iteration {0} of "{1}" was interrupted. It can go on where it stopped.',
            found.iteration.iterationNumber,
            name,
          ),
          goOn,
        )
        .then((chosen) => (chosen === goOn ? this.start(ref) : undefined));
    }
  }

  /** Lets go of what runs without stopping the trainer: it goes on, and the next window takes it up. */
  dispose(): void {
    this.#owned.dispose();
  }

  /** Says why an iteration cannot be started now, if so. */
  async #refuse(ref: SessionRef): Promise<boolean> {
    const running = this.#running.get(keyOf(ref));
    if (running === undefined) return false;
    const stop = vscode.l10n.t('Stop');
    const show = vscode.l10n.t('Show Progress');
    const chosen = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        'Iteration {0} of "{1}" is running already; one runs at a time in a workspace folder.',
        running.activity.iterationNumber,
        running.activity.sessionName,
      ),
      show,
      stop,
    );
    if (chosen === show) await vscode.commands.executeCommand(commandIds.activityShow);
    if (chosen === stop) await this.stopIn(ref);
    return true;
  }

  /** Finds the Python and asks about downloads, where this iteration trains. */
  async #ready(ref: SessionRef): Promise<boolean> {
    const { folder, sessionId } = ref;
    const session = await folder.engine.store.sessions.get(sessionId);
    if (session === null) return true;
    const { willTrain } = await import('./interrupted.ts');
    if (!(await willTrain(folder.engine, session))) return true;
    if (!(await this.#support.downloads.ask(folder.folder, session.baseModel))) return false;
    const python = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Checking the training environment') },
      () => this.#support.environment.find(folder.folder),
    );
    if (folder instanceof LiveFolder) await folder.usePython(python);
    return true;
  }

  async #run(ref: SessionRef, retries: number): Promise<void> {
    const key = keyOf(ref);
    if (this.#running.has(key)) return;
    const { folder, sessionId } = ref;
    const abort = new AbortController();
    let finish: (() => void) | undefined;
    const done = new Promise<void>((resolve) => (finish = resolve));
    const running: Running = {
      activity: {
        ref,
        sessionName: '',
        iterationNumber: 0,
        progress: { step: 'begin', message: vscode.l10n.t('Starting') },
      },
      abort,
      done,
    };
    this.#running.set(key, running);
    this.#publish();
    let ended: IterationRow | null = null;
    let failure: unknown;
    try {
      await this.#name(running);
      ended = await this.#iterate(running, retries);
    } catch (error) {
      failure = error;
    } finally {
      this.#running.delete(key);
      finish?.();
      this.#publish();
      if (!this.#owned.isDisposed) folder.changed();
    }
    // The window is closing: the trainer goes on, and what broke here is no news.
    if (this.#owned.isDisposed) return;
    if (ended !== null) await announceEnd(running.activity, ended);
    else await this.#support.errors.show(failure, `Iteration of session ${sessionId}`, ref);
  }

  async #iterate(running: Running, retries: number): Promise<IterationRow> {
    const { runIteration } = await import('../workflow/iteration/runIteration.ts');
    const { folder, sessionId } = running.activity.ref;
    for (let left = retries; ; left--) {
      try {
        return await runIteration(folder.engine, sessionId, {
          signal: running.abort.signal,
          report: (update) => this.#tell(running, update),
        });
      } catch (error) {
        const mayPass = toErrorReport(error).code === 'busy-elsewhere' && left > 0 && !this.#owned.isDisposed;
        if (!mayPass) throw error;
        await new Promise((resolve) => setTimeout(resolve, busyRetryMs));
      }
    }
  }

  async #name(running: Running): Promise<void> {
    const { folder, sessionId } = running.activity.ref;
    const session = await folder.engine.store.sessions.get(sessionId);
    const last = (await folder.engine.store.iterations.list(sessionId)).at(-1);
    if (session === null) return;
    const next = last?.status === 'completed' ? last.iterationNumber + 1 : (last?.iterationNumber ?? 1);
    running.activity = { ...running.activity, sessionName: session.name, iterationNumber: next };
    this.#support.log.info(
      `Iteration ${next} (${iterationKind(next, session.maxIterations)}) of "${session.name}" starts.`,
    );
    this.#publish();
  }

  #tell(running: Running, progress: ProgressUpdate): void {
    if (this.#owned.isDisposed) return;
    const stepped = progress.step !== running.activity.progress.step;
    running.activity = { ...running.activity, progress };
    if (progress.fraction === undefined) this.#support.log.info(progress.message);
    if (stepped) running.activity.ref.folder.changed();
    this.#publish();
  }

  #publish(): void {
    if (this.#owned.isDisposed) return;
    const { current } = this;
    void vscode.commands.executeCommand('setContext', contextKeys.running, current !== null);
    this.#news.fire(current);
  }
}

function keyOf(ref: SessionRef): string {
  return ref.folder.folder.uri.toString();
}
