import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { debounce, Disposables } from '../lifecycle.ts';
import { iterationName, iterationTitle } from '../text/iterationText.ts';
import { showInformation } from '../ui/window.ts';
import type { FolderContext, SessionRef } from '../workspace/folderContext.ts';
import type { FolderRegistry } from '../workspace/folderRegistry.ts';
import type { InterruptedIteration } from './interrupted.ts';
import { showIterationEnd } from './iterationMessages.ts';
import type { IterationRunner } from './runner.ts';

/** How often to check while another window runs an iteration. */
const recheckMs = 5000;
const checkAfterChangeMs = 3000;
/** A window that asked for an iteration has taken it over by then. */
const handoverMs = 30_000;

/**
 * Resumes iterations that no live window runs: after a reload, after a crash, and when the window that trained closes
 * while this one stays open. If the trainer is still alive, its iteration resumes silently; otherwise the user decides.
 */
export class Takeover implements vscode.Disposable {
  readonly #folders: FolderRegistry;
  readonly #runner: IterationRunner;
  readonly #log: vscode.LogOutputChannel;
  readonly #owned = new Disposables();
  readonly #rechecks = new Map<FolderContext, NodeJS.Timeout>();
  /** Iterations that other live windows run. */
  readonly #elsewhere = new Map<FolderContext, InterruptedIteration>();
  /** Until when to wait for a window that asked for an iteration. */
  readonly #handedOverUntil = new WeakMap<FolderContext, number>();
  readonly #changes = this.#owned.track(new vscode.EventEmitter<void>());
  /** Another window started or finished an iteration, or one of its steps. */
  readonly onDidChange = this.#changes.event;
  /** Notifications of iterations that this window already showed. */
  readonly #shown = new Set<string>();

  constructor(folders: FolderRegistry, runner: IterationRunner, log: vscode.LogOutputChannel) {
    this.#folders = folders;
    this.#runner = runner;
    this.#log = log;
    this.#owned.track(
      runner.onDidHandOver((ref) => {
        this.#onHandover(ref).catch((error: unknown) => this.#log.warn(`Handing over an iteration: ${String(error)}`));
      }),
    );
  }

  /** Checks every folder now, and again whenever another window changes something. */
  async start(): Promise<void> {
    const check = (): void => {
      this.#checkAll().catch((error: unknown) =>
        this.#log.warn(`Checking for interrupted iterations: ${String(error)}`),
      );
    };
    this.#owned.track(this.#folders.onDidChange(this.#owned.track(debounce(check, checkAfterChangeMs))));
    await this.#checkAll();
  }

  /** The iterations that other live windows run, as far as this window knows. */
  get elsewhere(): readonly (SessionRef & Pick<InterruptedIteration, 'session' | 'iteration'>)[] {
    return [...this.#elsewhere].map(([folder, { session, iteration }]) => ({
      folder,
      sessionId: session.id,
      session,
      iteration,
    }));
  }

  /** Whether another live window runs an iteration of this folder. */
  isElsewhere(folder: FolderContext): boolean {
    return this.#elsewhere.has(folder);
  }

  dispose(): void {
    this.#owned.dispose();
    for (const timer of this.#rechecks.values()) clearTimeout(timer);
  }

  async #onHandover(ref: SessionRef): Promise<void> {
    const { folder } = ref;
    const { store } = folder.ports;
    const session = await store.sessions.get(ref.sessionId);
    const iteration = (await store.iterations.list(ref.sessionId)).at(-1);
    if (session === null || iteration === undefined) return;
    this.#handedOverUntil.set(folder, Date.now() + handoverMs);
    const interrupted = { session, iteration, kind: 'elsewhere' } as const;
    // The runner has already shown the hand-over, so don't show it again.
    this.#isFirst('elsewhere', interrupted, ref);
    await this.#setElsewhere(folder, interrupted);
  }

  async #checkAll(): Promise<void> {
    // Granting workspace trust fires a change of the folders, which checks again.
    if (!vscode.workspace.isTrusted) return;
    const all = await this.#folders.openAll().catch((error: unknown) => {
      this.#forgetOthers([]);
      throw error;
    });
    // Runs and processes in an untrusted database may be made up.
    const open = all.filter(({ browseOnly }) => !browseOnly);
    this.#forgetOthers(open);
    for (const folder of open) if (!this.#rechecks.has(folder)) await this.#check(folder);
  }

  /** Forgets folders that left the workspace or whose database is now elsewhere. */
  #forgetOthers(open: readonly FolderContext[]): void {
    for (const [folder, timer] of this.#rechecks) {
      if (open.includes(folder)) continue;
      clearTimeout(timer);
      this.#rechecks.delete(folder);
    }
    const gone = [...this.#elsewhere.keys()].filter((folder) => !open.includes(folder));
    for (const folder of gone) this.#elsewhere.delete(folder);
    if (gone.length > 0) this.#changes.fire();
  }

  async #check(folder: FolderContext): Promise<void> {
    if (this.#owned.isDisposed) return;
    if (this.#runner.activityIn({ folder }) !== null) {
      // The runner reports the end of what runs here.
      if (this.#elsewhere.delete(folder)) this.#changes.fire();
      return;
    }
    const { interruptedIteration } = await import('./deferred.ts');
    const interrupted = await interruptedIteration(folder.ports);
    if (this.#owned.isDisposed) return;
    if (
      interrupted !== null &&
      interrupted.kind !== 'elsewhere' &&
      Date.now() < (this.#handedOverUntil.get(folder) ?? 0)
    ) {
      this.#recheckLater(folder);
      return;
    }
    await this.#setElsewhere(folder, interrupted?.kind === 'elsewhere' ? interrupted : null);
    if (interrupted === null) return;
    const { session, iteration, kind } = interrupted;
    const ref = { folder, sessionId: session.id };
    if (kind === 'elsewhere') {
      this.#recheckLater(folder);
      if (this.#isFirst('elsewhere', interrupted, ref)) this.#showElsewhere(interrupted, ref);
    } else if (kind === 'working') {
      this.#log.info(`Iteration ${iteration.iterationNumber} of "${session.name}" is taken over.`);
      void this.#runner.takeOver(ref);
    } else {
      if (this.#runner.activityIn({ folder }) !== null || !this.#isFirst('stopped', interrupted, ref)) return;
      this.#log.info(`Iteration ${iteration.iterationNumber} of "${session.name}" was interrupted.`);
      const resume = vscode.l10n.t('Continue Training');
      const chosen = showInformation(
        vscode.l10n.t(
          '{0} of "{1}" was interrupted. You can resume it.',
          iterationTitle(vscode.l10n, iteration.iterationNumber),
          session.name,
        ),
        resume,
      );
      void chosen.then((answer) => (answer === resume ? this.#runner.start(ref) : undefined));
    }
  }

  #showElsewhere({ session, iteration }: InterruptedIteration, ref: SessionRef): void {
    const takeOver = vscode.l10n.t('Take Over');
    const chosen = showInformation(
      // After a reload of the page, the extension host of the old window may run on for minutes.
      vscode.l10n.t(
        'Another window, or this window before it was reloaded, is running {0} of "{1}". You can follow its progress here.',
        iterationName(vscode.l10n, iteration.iterationNumber),
        session.name,
      ),
      takeOver,
    );
    void chosen.then((answer) =>
      answer === takeOver ? vscode.commands.executeCommand(commandIds.iterationTakeOver, ref) : undefined,
    );
  }

  /** Whether a notification of this kind has not been shown for the iteration in this window yet. */
  #isFirst(kind: string, { iteration }: Pick<InterruptedIteration, 'iteration'>, { folder }: SessionRef): boolean {
    const key = `${kind} ${folder.folder.uri.toString()}#${iteration.id}`;
    const first = !this.#shown.has(key);
    this.#shown.add(key);
    return first;
  }

  /** Stores what another window runs. Once it is finished, this window shows the end as for its own iterations. */
  async #setElsewhere(folder: FolderContext, elsewhere: InterruptedIteration | null): Promise<void> {
    const before = this.#elsewhere.get(folder);
    if (elsewhere === null) this.#elsewhere.delete(folder);
    else this.#elsewhere.set(folder, elsewhere);
    if (before?.iteration.id !== elsewhere?.iteration.id || before?.iteration.status !== elsewhere?.iteration.status) {
      this.#changes.fire();
    }
    if ((before === undefined) === (elsewhere === null)) return;
    if (before === undefined) {
      this.#log.info(`Another window runs an iteration of ${folder.folder.name}.`);
      return;
    }
    const ended = await folder.ports.store.iterations.get(before.iteration.id);
    if (ended?.status !== 'reviewing' && ended?.status !== 'completed') return;
    const ref = { folder, sessionId: before.session.id };
    void showIterationEnd({ ref, sessionName: before.session.name, iterationNumber: ended.iterationNumber }, ended);
  }

  #recheckLater(folder: FolderContext): void {
    const timer = setTimeout(() => {
      this.#rechecks.delete(folder);
      this.#check(folder).catch((error: unknown) => this.#log.debug(`Checking again: ${String(error)}`));
    }, recheckMs);
    this.#rechecks.set(folder, timer);
  }
}
