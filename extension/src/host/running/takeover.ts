import * as vscode from 'vscode';
import { debounce, Disposables } from '../lifecycle.ts';
import type { WorkspaceFolders } from '../workspace/folderRegistry.ts';
import { commandIds } from '../ids.ts';
import type { InterruptedIteration } from './interrupted.ts';
import { LiveFolder } from '../workspace/folderContext.ts';
import type { IterationRunner, OtherWindows } from './runner.ts';
import { announceEnd } from './runnerNews.ts';
import type { SessionRef } from '../services.ts';
import { showInformation } from '../ui/window.ts';

/** How soon to look again while another window works. */
const lookAgainMs = 5000;
const lookAfterChangeMs = 3000;
/** A window that asked for an iteration has it by then. */
const giveAwayMs = 30_000;

/**
 * Takes up iterations that no live window works on: after a reload, after a crash, and when the window that trained is
 * closed while this one stays. A living trainer is followed without a word; otherwise the person decides.
 */
export class Takeover implements OtherWindows {
  readonly #folders: WorkspaceFolders;
  readonly #log: vscode.LogOutputChannel;
  readonly #owned = new Disposables();
  readonly #waiting = new Map<LiveFolder, NodeJS.Timeout>();
  /** What other live windows work on. */
  readonly #elsewhere = new Map<LiveFolder, InterruptedIteration>();
  /** Until when a window that asked for an iteration is given time to take it up. */
  readonly #givenAwayUntil = new WeakMap<LiveFolder, number>();
  readonly #news = this.#owned.track(new vscode.EventEmitter<void>());
  /** Another window began or ended its work, or came to another step of it. */
  readonly onDidChange = this.#news.event;
  /** What was told of iterations already: once a window is enough. */
  readonly #told = new Set<string>();

  constructor(folders: WorkspaceFolders, log: vscode.LogOutputChannel) {
    this.#folders = folders;
    this.#log = log;
  }

  /** Looks at every folder now, and again when another window changes something. */
  async begin(runner: IterationRunner): Promise<void> {
    const look = (): void => {
      this.#lookAtAll(runner).catch((error: unknown) =>
        this.#log.warn(`Looking for interrupted iterations: ${String(error)}`),
      );
    };
    const lookAll = this.#owned.track(debounce(look, lookAfterChangeMs));
    this.#owned.track(this.#folders.onDidChange(lookAll));
    await this.#lookAtAll(runner);
  }

  /** What other live windows work on, as far as this one knows. */
  get elsewhere(): readonly (SessionRef & Pick<InterruptedIteration, 'session' | 'iteration'>)[] {
    return [...this.#elsewhere].map(([folder, { session, iteration }]) => ({
      folder,
      sessionId: session.id,
      session,
      iteration,
    }));
  }

  /** Whether another live window works on an iteration of this folder. */
  isElsewhere(folder: LiveFolder): boolean {
    return this.#elsewhere.has(folder);
  }

  async gaveAway(ref: SessionRef): Promise<void> {
    const { folder } = ref;
    const { store } = folder.ports;
    const session = await store.sessions.get(ref.sessionId);
    const iteration = (await store.iterations.list(ref.sessionId)).at(-1);
    if (!(folder instanceof LiveFolder) || session === null || iteration === undefined) return;
    this.#givenAwayUntil.set(folder, Date.now() + giveAwayMs);
    const found = { session, iteration, kind: 'elsewhere' } as const;
    // Who gave it away knows.
    this.#isFirst('elsewhere', found, ref);
    await this.#mark(folder, found);
  }

  dispose(): void {
    this.#owned.dispose();
    for (const timer of this.#waiting.values()) clearTimeout(timer);
  }

  async #lookAtAll(runner: IterationRunner): Promise<void> {
    // Nothing is taken up before the workspace is trusted; news of the folders come with the trust.
    if (!vscode.workspace.isTrusted) return;
    const all = await this.#folders.openAll().catch((error: unknown) => {
      this.#keepOnly([]);
      throw error;
    });
    // What a stranger's database says of runs and processes is not believed.
    const open = all.filter(({ browseOnly }) => !browseOnly);
    this.#keepOnly(open);
    for (const folder of open) {
      if (!this.#waiting.has(folder)) await this.#look(folder, runner);
    }
  }

  /** A folder that left the workspace, or whose database lies elsewhere now, tells nothing any more. */
  #keepOnly(open: readonly LiveFolder[]): void {
    for (const [folder, timer] of this.#waiting) {
      if (open.includes(folder)) continue;
      clearTimeout(timer);
      this.#waiting.delete(folder);
    }
    const gone = [...this.#elsewhere.keys()].filter((folder) => !open.includes(folder));
    for (const folder of gone) this.#elsewhere.delete(folder);
    if (gone.length > 0) this.#news.fire();
  }

  async #look(folder: LiveFolder, runner: IterationRunner): Promise<void> {
    if (this.#owned.isDisposed) return;
    if (runner.activityIn({ folder }) !== null) {
      // What runs here tells of its end itself.
      if (this.#elsewhere.delete(folder)) this.#news.fire();
      return;
    }
    const { interruptedIteration } = await import('./interrupted.ts');
    const found = await interruptedIteration(folder.ports);
    if (this.#owned.isDisposed) return;
    if (found !== null && found.kind !== 'elsewhere' && Date.now() < (this.#givenAwayUntil.get(folder) ?? 0)) {
      this.#lookAgain(folder, runner);
      return;
    }
    await this.#mark(folder, found?.kind === 'elsewhere' ? found : null);
    if (found === null) return;
    const { session, iteration, kind } = found;
    const ref = { folder, sessionId: session.id };
    if (kind === 'elsewhere') {
      this.#lookAgain(folder, runner);
      if (this.#isFirst('elsewhere', found, ref)) this.#tellElsewhere(found, ref);
    } else if (kind === 'working') {
      this.#log.info(`Iteration ${iteration.iterationNumber} of "${session.name}" is taken up.`);
      void runner.takeOver(ref);
    } else {
      if (runner.activityIn({ folder }) !== null || !this.#isFirst('stopped', found, ref)) return;
      this.#log.info(`Iteration ${iteration.iterationNumber} of "${session.name}" was interrupted.`);
      const goOn = vscode.l10n.t('Continue Training');
      const chosen = showInformation(
        vscode.l10n.t(
          'Iteration {0} of "{1}" was interrupted. It can go on where it stopped.',
          iteration.iterationNumber,
          session.name,
        ),
        goOn,
      );
      void chosen.then((answer) => (answer === goOn ? runner.start(ref) : undefined));
    }
  }

  /** Once for an iteration: after a reload of the page, the old window may work on for minutes. */
  #tellElsewhere({ session, iteration }: InterruptedIteration, ref: SessionRef): void {
    const takeOver = vscode.l10n.t('Take Over');
    const told = showInformation(
      vscode.l10n.t(
        'Iteration {0} of "{1}" is being worked on by another window, or by this one before its page was reloaded. Its progress shows here.',
        iteration.iterationNumber,
        session.name,
      ),
      takeOver,
    );
    void told.then((answer) =>
      answer === takeOver ? vscode.commands.executeCommand(commandIds.iterationTakeOver, ref) : undefined,
    );
  }

  #isFirst(news: string, { iteration }: Pick<InterruptedIteration, 'iteration'>, { folder }: SessionRef): boolean {
    const key = `${news} ${folder.folder.uri.toString()}#${iteration.id}`;
    const first = !this.#told.has(key);
    this.#told.add(key);
    return first;
  }

  /** Keeps in mind what another window works on; once it is through, this window tells of it as its own would. */
  async #mark(folder: LiveFolder, elsewhere: InterruptedIteration | null): Promise<void> {
    const before = this.#elsewhere.get(folder);
    if (elsewhere === null) this.#elsewhere.delete(folder);
    else this.#elsewhere.set(folder, elsewhere);
    if (before?.iteration.id !== elsewhere?.iteration.id || before?.iteration.status !== elsewhere?.iteration.status) {
      this.#news.fire();
    }
    if ((before === undefined) === (elsewhere === null)) return;
    if (before === undefined) {
      this.#log.info(`Another window works on an iteration of ${folder.folder.name}.`);
      return;
    }
    const ended = await folder.ports.store.iterations.get(before.iteration.id);
    if (ended?.status !== 'reviewing' && ended?.status !== 'completed') return;
    const ref = { folder, sessionId: before.session.id };
    void announceEnd({ ref, sessionName: before.session.name, iterationNumber: ended.iterationNumber }, ended);
  }

  #lookAgain(folder: LiveFolder, runner: IterationRunner): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(folder);
      this.#look(folder, runner).catch((error: unknown) => this.#log.debug(`Looking again: ${String(error)}`));
    }, lookAgainMs);
    this.#waiting.set(folder, timer);
  }
}
