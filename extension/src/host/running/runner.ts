import * as vscode from 'vscode';
import { toErrorReport } from '../../core/errors.ts';
import type { ProgressUpdate } from '../../workflow/ports/progress.ts';
import type { IterationRow } from '../../workflow/ports/store/iterations.ts';
import type { PythonEnvironment } from '../environment/environment.ts';
import { Disposables } from '../lifecycle.ts';
import type { TrainingProblems } from '../tasks/trainingProblems.ts';
import type { DownloadConsent } from '../trust/downloadConsent.ts';
import { showFolderTrustNeeded, showWorkspaceTrustNeeded } from '../trust/folderTrust.ts';
import type { ErrorPresenter } from '../ui/errorPresenter.ts';
import { secondsToGo, stepStart, type StepStart } from './timeToGo.ts';
import { showProgress } from '../ui/window.ts';
import type { SessionRef } from '../workspace/folderContext.ts';
import { showReadOnlyFolder } from '../workspace/storageLocation.ts';
import {
  confirmStopRunning,
  askForHandover,
  showBusyElsewhere,
  showHandedOver,
  showIterationEnd,
  type Activity,
} from './iterationMessages.ts';

/** What the runner needs of the host. */
export interface RunnerServices {
  readonly log: vscode.LogOutputChannel;
  readonly errors: ErrorPresenter;
  readonly environment: PythonEnvironment;
  readonly downloads: DownloadConsent;
  readonly problems: TrainingProblems;
}

interface Running {
  activity: Activity;
  step: StepStart | null;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Probing the training lease acquires it briefly, so retry once before reporting "busy". */
const busyRetryMs = 1000;

/** Runs iterations in the background of this window, one at a time for each workspace folder. */
export class IterationRunner implements vscode.Disposable {
  readonly #services: RunnerServices;
  readonly #owned = new Disposables();
  readonly #activityChanges = this.#owned.track(new vscode.EventEmitter<Activity | null>());
  readonly #handovers = this.#owned.track(new vscode.EventEmitter<SessionRef>());
  readonly #running = new Map<string, Running>();
  /** An iteration started, progressed or ended. The value is `current`. */
  readonly onDidChange = this.#activityChanges.event;
  /** Another window has taken over an iteration that ran here. */
  readonly onDidHandOver = this.#handovers.event;

  constructor(services: RunnerServices) {
    this.#services = services;
  }

  /** The iteration that started last, in any folder. */
  get current(): Activity | null {
    return [...this.#running.values()].at(-1)?.activity ?? null;
  }

  /** The iteration that runs in the folder of this session. */
  activityIn(ref: Pick<SessionRef, 'folder'>): Activity | null {
    return this.#running.get(keyOf(ref))?.activity ?? null;
  }

  /** Runs or resumes the session's iteration up to its review. Failures are shown to the user and logged. */
  async start(ref: SessionRef): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      await showWorkspaceTrustNeeded();
      return;
    }
    if (ref.folder.browseOnly) {
      await (ref.folder.isReadOnly ? showReadOnlyFolder(ref.folder.folder, true) : showFolderTrustNeeded());
      return;
    }
    if (await this.#isBusy(ref)) return;
    try {
      if (!(await this.#prepare(ref))) return;
    } catch (error) {
      await this.#services.errors.show(error, 'Preparing an iteration', ref);
      return;
    }
    // The user may have started an iteration while a question was open.
    if (await this.#isBusy(ref)) return;
    await this.#run(ref, false);
  }

  /** Resumes an iteration whose window died; silent if another window was faster. */
  async takeOver(ref: SessionRef): Promise<void> {
    await this.#run(ref, true);
  }

  /** Takes over an iteration that runs in another window, once that window has released it. */
  async takeFromElsewhere(ref: SessionRef): Promise<void> {
    if (await this.#isBusy(ref)) return;
    try {
      if (!(await this.#prepare(ref))) return;
      if (!(await askForHandover(ref))) return;
    } catch (error) {
      await this.#services.errors.show(error, 'Taking over an iteration', ref);
      return;
    }
    await this.#run(ref, false);
  }

  /** Stops the iteration in the folder of this session at the next safe point. */
  async stopIn(ref: SessionRef): Promise<void> {
    const running = this.#running.get(keyOf(ref));
    if (running === undefined) return;
    running.abort.abort();
    this.#reportProgress(running, { step: 'stop', message: vscode.l10n.t('Stopping after the current batch') });
    await running.done;
  }

  /** Detaches from running iterations without stopping their trainers, so that the next window can resume them. */
  dispose(): void {
    this.#owned.dispose();
  }

  /** Shows what already runs in the folder, and stops it if the user wants to. */
  async #isBusy(ref: SessionRef): Promise<boolean> {
    const running = this.#running.get(keyOf(ref));
    if (running === undefined) return false;
    if (await confirmStopRunning(running.activity)) await this.stopIn(ref);
    return true;
  }

  /** Finds the Python and asks for consent to downloads, if this iteration trains. @returns false if the user cancelled. */
  async #prepare(ref: SessionRef): Promise<boolean> {
    const { folder, sessionId } = ref;
    const session = await folder.ports.store.sessions.get(sessionId);
    if (session === null) return true;
    const { willTrain } = await import('./deferred.ts');
    if (!(await willTrain(folder.ports, session))) return true;
    const fromBase = !session.warmStart || (await folder.ports.store.models.list(sessionId)).length === 0;
    if (fromBase && !(await this.#services.downloads.ask(folder.folder, session.baseModel))) return false;
    const python = await showProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Checking the training environment') },
      () => this.#services.environment.find(folder.folder),
    );
    await folder.usePython(python);
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
      step: null,
      abort: new AbortController(),
      done: new Promise<void>((resolve) => (finish = resolve)),
    };
    this.#running.set(key, running);
    this.#services.problems.clear(ref);
    let ended: IterationRow | null = null;
    let failure: unknown;
    try {
      await this.#setName(running);
      ended = await this.#iterate(running);
    } catch (error) {
      failure = error;
    } finally {
      this.#running.delete(key);
      finish?.();
      this.#fireChange();
      if (!this.#owned.isDisposed) folder.changed();
    }
    // The window is closing and the trainer goes on, so failures in this process are meaningless.
    if (this.#owned.isDisposed) return;
    if (ended !== null) await showIterationEnd(running.activity, ended);
    else if (isHandedOver(running)) {
      showHandedOver(running.activity);
      this.#handovers.fire(ref);
    } else if (!isBusy(failure)) {
      const { confirmWeights } = await import('./deferred.ts');
      if (await confirmWeights(ref, failure).catch(() => false)) {
        await this.#run(ref, quietly);
        return;
      }
      // A cancelled training does not mean that the Python is broken.
      if (!isCancelled(failure)) this.#services.environment.doubt(folder.folder);
      await this.#services.problems
        .show(ref, failure)
        .catch((error: unknown) => this.#services.log.error(String(error)));
      await this.#services.errors.show(failure, `Iteration of session ${sessionId}`, ref);
    } else if (!quietly) await showBusyElsewhere(ref, failure);
  }

  async #iterate(running: Running): Promise<IterationRow> {
    const { runSessionIteration } = await import('./deferred.ts');
    const runOnce = (): Promise<IterationRow> =>
      runSessionIteration(running.activity.ref, running.abort, (update) => this.#reportProgress(running, update));
    try {
      return await runOnce();
    } catch (error) {
      if (!isBusy(error) || this.#owned.isDisposed) throw error;
      await new Promise((resolve) => setTimeout(resolve, busyRetryMs));
      return runOnce();
    }
  }

  async #setName(running: Running): Promise<void> {
    const { folder, sessionId } = running.activity.ref;
    const session = await folder.ports.store.sessions.get(sessionId);
    if (session === null) return;
    const { upcomingIteration } = await import('./deferred.ts');
    const iterationNumber = await upcomingIteration(folder.ports, session);
    running.activity = { ...running.activity, sessionName: session.name, iterationNumber };
    this.#services.log.info(`Iteration ${iterationNumber} of "${session.name}" starts or resumes.`);
    this.#fireChange();
  }

  #reportProgress(running: Running, update: ProgressUpdate): void {
    if (this.#owned.isDisposed) return;
    const stepped = update.step !== running.activity.progress.step;
    // After a stop, only the stop itself is reported.
    if (running.abort.signal.aborted && update.step !== 'stop') return;
    const progress = mergeProgress(running.activity.progress, update);
    const now = performance.now();
    running.step = stepStart(running.step, update, now);
    // Between two fractions nothing new is known of the speed.
    const left = update.fraction === undefined ? {} : { secondsToGo: secondsToGo(running.step, update.fraction, now) };
    running.activity = { ...running.activity, ...(stepped ? { secondsToGo: null } : {}), ...left, progress };
    if (update.fraction === undefined) this.#services.log.info(update.message);
    if (stepped) running.activity.ref.folder.changed();
    this.#fireChange();
  }

  #fireChange(): void {
    if (this.#owned.isDisposed) return;
    this.#activityChanges.fire(this.current);
  }
}

function keyOf({ folder }: Pick<SessionRef, 'folder'>): string {
  return folder.folder.uri.toString();
}

/** Keeps the fraction of the step if an update, such as a log line of the trainer, has none. */
function mergeProgress(before: ProgressUpdate, update: ProgressUpdate): ProgressUpdate {
  const { fraction } = before;
  return update.step !== before.step || update.fraction !== undefined || fraction === undefined
    ? update
    : { ...update, fraction };
}

/** Compared by its code: the class would load the use cases at activation. */
function isHandedOver({ abort }: Running): boolean {
  return abort.signal.aborted && toErrorReport(abort.signal.reason).code === 'handed-over';
}

function isCancelled(error: unknown): boolean {
  return toErrorReport(error).code === 'cancelled';
}

function isBusy(error: unknown): boolean {
  return toErrorReport(error).code === 'busy-elsewhere';
}
