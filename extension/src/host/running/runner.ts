import * as vscode from 'vscode';
import { toErrorReport } from '../../core/errors.ts';
import type { ProgressUpdate } from '../../workflow/ports/progress.ts';
import type { IterationRow } from '../../workflow/ports/store/iterations.ts';
import type { DownloadConsent } from '../trust/downloadConsent.ts';
import type { PythonEnvironment } from '../environment/environment.ts';
import type { ErrorPresenter } from '../ui/errorPresenter.ts';
import { Disposables } from '../lifecycle.ts';
import { LiveFolder } from '../workspace/folderContext.ts';
import { offerFolderTrust } from '../trust/folderTrust.ts';
import { offerTrust } from '../trust/restrictedMode.ts';
import { offerStorage } from '../workspace/storageLocation.ts';
import type { TrainingProblems } from '../tasks/trainingProblems.ts';
import { trustsWeights } from '../trust/weightsTrust.ts';
import { announceEnd, letGoElsewhere, tellBusy, tellElsewhere, tellHandedOver } from './runnerNews.ts';
import type { Activity, Runner, SessionRef } from '../services.ts';
import { showProgress } from '../ui/window.ts';

/** What the runner needs of its surroundings. */
export interface RunnerSupport {
  readonly log: vscode.LogOutputChannel;
  readonly errors: ErrorPresenter;
  readonly environment: PythonEnvironment;
  readonly downloads: DownloadConsent;
  readonly problems: TrainingProblems;
}

/** What the runner has to do with other windows of the workspace; see `Takeover`. */
export interface OtherWindows {
  /** Goes on with what dead windows left, now and later. */
  begin(runner: IterationRunner): Promise<void>;
  /** Another window goes on with what ran here. */
  gaveAway(ref: SessionRef): Promise<void>;
}

interface Running {
  activity: Activity;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Whoever looks whether the lease on training is free holds it for a moment. */
const busyRetryMs = 1000;

/** Runs iterations in this window, one at a time for each workspace folder. */
export class IterationRunner implements Runner {
  readonly #support: RunnerSupport;
  readonly #others: OtherWindows;
  readonly #owned = new Disposables();
  readonly #news = this.#owned.track(new vscode.EventEmitter<Activity | null>());
  readonly #running = new Map<string, Running>();
  readonly onDidChange = this.#news.event;

  constructor(support: RunnerSupport, others: OtherWindows) {
    this.#support = support;
    this.#others = others;
  }

  get current(): Activity | null {
    return [...this.#running.values()].at(-1)?.activity ?? null;
  }

  /** What runs in the folder of this session, if anything. */
  activityIn(ref: Pick<SessionRef, 'folder'>): Activity | null {
    return this.#running.get(keyOf(ref))?.activity ?? null;
  }

  async start(ref: SessionRef): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      await offerTrust();
      return;
    }
    if (ref.folder.browseOnly) {
      await (ref.folder.isReadOnly ? offerStorage(ref.folder.folder, true) : offerFolderTrust());
      return;
    }
    if (await this.#refuse(ref)) return;
    try {
      if (!(await this.#ready(ref))) return;
    } catch (error) {
      await this.#support.errors.show(error, 'Preparing an iteration', ref);
      return;
    }
    // Somebody may have started meanwhile: questions take their time.
    if (await this.#refuse(ref)) return;
    await this.#run(ref, false);
  }

  /** Goes on with an iteration whose window died; where another window was faster, without a word. */
  async takeOver(ref: SessionRef): Promise<void> {
    await this.#run(ref, true);
  }

  /** Goes on with an iteration that another window works on, once that one has let go of it. */
  async takeFromElsewhere(ref: SessionRef): Promise<void> {
    if (await this.#refuse(ref)) return;
    try {
      if (!(await this.#ready(ref))) return;
      if (!(await letGoElsewhere(ref))) return;
    } catch (error) {
      await this.#support.errors.show(error, 'Taking over an iteration', ref);
      return;
    }
    await this.#run(ref, false);
  }

  /** Stops what runs in the folder of this session at the next safe point. */
  async stopIn(ref: SessionRef): Promise<void> {
    const running = this.#running.get(keyOf(ref));
    if (running === undefined) return;
    running.abort.abort();
    this.#tell(running, { step: 'stop', message: vscode.l10n.t('Stopping after the current batch') });
    await running.done;
  }

  resumeInterrupted(): Promise<void> {
    return this.#others.begin(this);
  }

  /** Lets go of what runs without stopping the trainer: it goes on, and the next window takes it up. */
  dispose(): void {
    this.#owned.dispose();
  }

  /** Says why an iteration cannot be started now, if so. */
  async #refuse(ref: SessionRef): Promise<boolean> {
    const running = this.#running.get(keyOf(ref));
    if (running === undefined) return false;
    if (await tellBusy(running.activity)) await this.stopIn(ref);
    return true;
  }

  /** Finds the Python and asks about downloads, where this iteration trains. */
  async #ready(ref: SessionRef): Promise<boolean> {
    const { folder, sessionId } = ref;
    const session = await folder.ports.store.sessions.get(sessionId);
    if (session === null) return true;
    const { willTrain } = await import('./interrupted.ts');
    if (!(await willTrain(folder.ports, session))) return true;
    const fromBase = !session.warmStart || (await folder.ports.store.models.list(sessionId)).length === 0;
    if (fromBase && !(await this.#support.downloads.ask(folder.folder, session.baseModel))) return false;
    const python = await showProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Checking the training environment') },
      () => this.#support.environment.find(folder.folder),
    );
    if (folder instanceof LiveFolder) await folder.usePython(python);
    return true;
  }

  async #run(ref: SessionRef, quietly: boolean): Promise<void> {
    const key = keyOf(ref);
    if (this.#running.has(key)) return;
    const { folder, sessionId } = ref;
    const progress = { step: 'begin', message: vscode.l10n.t('Starting') };
    let finish: (() => void) | undefined;
    const running: Running = {
      activity: { ref, sessionName: '', iterationNumber: 0, progress },
      abort: new AbortController(),
      done: new Promise<void>((resolve) => (finish = resolve)),
    };
    this.#running.set(key, running);
    this.#support.problems.clear(ref);
    let ended: IterationRow | null = null;
    let failure: unknown;
    try {
      await this.#name(running);
      ended = await this.#iterate(running);
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
    else if (isHandedOver(running)) {
      tellHandedOver(running.activity);
      await this.#others.gaveAway(ref);
    } else if (!isBusy(failure)) {
      if (await trustsWeights(ref, failure).catch(() => false)) {
        await this.#run(ref, quietly);
        return;
      }
      // What a person stopped says nothing against the Python.
      if (!isCancelled(failure)) this.#support.environment.doubt(folder.folder);
      await this.#support.problems.show(ref, failure).catch((error: unknown) => this.#support.log.error(String(error)));
      await this.#support.errors.show(failure, `Iteration of session ${sessionId}`, ref);
    } else if (!quietly) await tellElsewhere(ref, failure);
  }

  async #iterate(running: Running): Promise<IterationRow> {
    const { runIteration } = await import('../../workflow/iteration/runIteration.ts');
    const { runUntilHandover } = await import('../../workflow/iteration/iterationHandover.ts');
    const { folder, sessionId } = running.activity.ref;
    const run = (): Promise<IterationRow> =>
      runIteration(folder.ports, sessionId, {
        signal: running.abort.signal,
        report: (update) => this.#tell(running, update),
      });
    const runOnce = (): Promise<IterationRow> => runUntilHandover(folder.ports, running.abort, run);
    try {
      return await runOnce();
    } catch (error) {
      if (!isBusy(error) || this.#owned.isDisposed) throw error;
      await new Promise((resolve) => setTimeout(resolve, busyRetryMs));
      return runOnce();
    }
  }

  async #name(running: Running): Promise<void> {
    const { folder, sessionId } = running.activity.ref;
    const session = await folder.ports.store.sessions.get(sessionId);
    if (session === null) return;
    const { upcomingIteration } = await import('./interrupted.ts');
    const iterationNumber = await upcomingIteration(folder.ports, session);
    running.activity = { ...running.activity, sessionName: session.name, iterationNumber };
    this.#support.log.info(`Iteration ${iterationNumber} of "${session.name}" starts or goes on.`);
    this.#publish();
  }

  #tell(running: Running, update: ProgressUpdate): void {
    if (this.#owned.isDisposed) return;
    const stepped = update.step !== running.activity.progress.step;
    // Whoever stopped it is not told any more of what it does.
    if (running.abort.signal.aborted && update.step !== 'stop') return;
    running.activity = { ...running.activity, progress: goneOn(running.activity.progress, update) };
    if (update.fraction === undefined) this.#support.log.info(update.message);
    if (stepped) running.activity.ref.folder.changed();
    this.#publish();
  }

  #publish(): void {
    if (this.#owned.isDisposed) return;
    this.#news.fire(this.current);
  }
}

function keyOf({ folder }: Pick<SessionRef, 'folder'>): string {
  return folder.folder.uri.toString();
}

/** A line of the trainer or an unreadable image says nothing of how far a step is: that stays what it was. */
function goneOn(before: ProgressUpdate, update: ProgressUpdate): ProgressUpdate {
  const { fraction } = before;
  return update.step !== before.step || update.fraction !== undefined || fraction === undefined
    ? update
    : { ...update, fraction };
}

/** By its code: the class comes with code that is loaded when it is needed. */
function isHandedOver({ abort }: Running): boolean {
  return abort.signal.aborted && toErrorReport(abort.signal.reason).code === 'handed-over';
}

function isCancelled(error: unknown): boolean {
  return toErrorReport(error).code === 'cancelled';
}

function isBusy(error: unknown): boolean {
  return toErrorReport(error).code === 'busy-elsewhere';
}
