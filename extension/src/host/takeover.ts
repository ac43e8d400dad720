import * as vscode from 'vscode';
import { debounce, Disposables } from './lifecycle.ts';
import type { WorkspaceFolders } from './folders.ts';
import type { LiveFolder } from './openFolder.ts';
import type { IterationRunner } from './runner.ts';

/** How soon to look again while another window works. */
const lookAgainMs = 5000;
const lookAfterChangeMs = 3000;

/**
 * Takes up iterations that no live window works on: after a reload, after a crash, and when the window that trained is
 * closed while this one stays. A living trainer is followed without a word; otherwise the person decides.
 */
export class Takeover {
  readonly #folders: WorkspaceFolders;
  readonly #log: vscode.LogOutputChannel;
  readonly #owned = new Disposables();
  readonly #waiting = new Map<LiveFolder, NodeJS.Timeout>();
  /** Folders in which another live window works. */
  readonly #elsewhere = new Set<LiveFolder>();
  readonly #news = this.#owned.track(new vscode.EventEmitter<void>());
  /** Another window began or ended its work. */
  readonly onDidChange = this.#news.event;
  /** Iterations that were offered already: once a window is enough. */
  readonly #offered = new Set<string>();

  constructor(folders: WorkspaceFolders, log: vscode.LogOutputChannel) {
    this.#folders = folders;
    this.#log = log;
  }

  /** Looks at every folder now, and again when another window changes something. */
  async begin(runner: IterationRunner): Promise<void> {
    const lookAll = this.#owned.track(debounce(() => void this.#lookAtAll(runner), lookAfterChangeMs));
    this.#owned.track(this.#folders.onDidChange(lookAll));
    await this.#lookAtAll(runner);
  }

  /** Whether another live window works on an iteration of this folder. */
  isElsewhere(folder: LiveFolder): boolean {
    return this.#elsewhere.has(folder);
  }

  dispose(): void {
    this.#owned.dispose();
    for (const timer of this.#waiting.values()) clearTimeout(timer);
  }

  async #lookAtAll(runner: IterationRunner): Promise<void> {
    // Nothing is taken up before the workspace is trusted; news of the folders come with the trust.
    if (!vscode.workspace.isTrusted) return;
    for (const folder of await this.#folders.openAll()) {
      if (!this.#waiting.has(folder)) await this.#look(folder, runner);
    }
  }

  async #look(folder: LiveFolder, runner: IterationRunner): Promise<void> {
    if (this.#owned.isDisposed || runner.activityIn({ folder }) !== null) return;
    const { interruptedIteration } = await import('./interrupted.ts');
    const found = await interruptedIteration(folder.engine);
    if (this.#owned.isDisposed) return;
    this.#mark(folder, found?.kind === 'elsewhere');
    if (found === null) return;
    const { session, iteration, kind } = found;
    const ref = { folder, sessionId: session.id };
    if (kind === 'elsewhere') {
      this.#lookAgain(folder, runner);
    } else if (kind === 'working') {
      this.#log.info(`Iteration ${iteration.iterationNumber} of "${session.name}" is taken up.`);
      void runner.takeOver(ref);
    } else {
      const key = `${folder.folder.uri.toString()}#${iteration.id}`;
      if (this.#offered.has(key) || runner.activityIn({ folder }) !== null) return;
      this.#offered.add(key);
      this.#log.info(`Iteration ${iteration.iterationNumber} of "${session.name}" was interrupted.`);
      const goOn = vscode.l10n.t('Continue Training');
      const chosen = vscode.window.showInformationMessage(
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

  #mark(folder: LiveFolder, elsewhere: boolean): void {
    if (elsewhere === this.#elsewhere.has(folder)) return;
    if (elsewhere) {
      this.#elsewhere.add(folder);
      this.#log.info(`Another window works on an iteration of ${folder.folder.name}.`);
    } else this.#elsewhere.delete(folder);
    this.#news.fire();
  }

  #lookAgain(folder: LiveFolder, runner: IterationRunner): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(folder);
      this.#look(folder, runner).catch((error: unknown) => this.#log.debug(`Looking again: ${String(error)}`));
    }, lookAgainMs);
    this.#waiting.set(folder, timer);
  }
}
