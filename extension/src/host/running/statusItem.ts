import * as vscode from 'vscode';
import { visibleText } from '../../core/text/escapeText.ts';
import type { HostContext } from '../context.ts';
import { commandIds } from '../ids.ts';
import { debounce, Disposables } from '../lifecycle.ts';
import { elsewhereText, reviewText, runningText, type StatusText } from '../text/statusText.ts';
import type { BatchProgress } from '../../workflow/ports/store/samples.ts';
import type { SessionRef } from '../workspace/folderContext.ts';

const refreshMs = 300;

/** The status bar item: the iteration that runs here, otherwise in another window, otherwise the next review. */
export class StatusItem {
  readonly #host: HostContext;
  readonly #owned = new Disposables();
  readonly #item: vscode.StatusBarItem;

  constructor(host: HostContext) {
    this.#host = host;
    this.#item = this.#owned.track(
      vscode.window.createStatusBarItem('activeLearning.status', vscode.StatusBarAlignment.Left, 40),
    );
    this.#item.name = vscode.l10n.t('Active Learning');
    const showOthers = this.#owned.track(debounce(() => void this.#showOther(), refreshMs));
    this.#owned.track(host.folders.onDidChange(showOthers));
    this.#owned.track(host.takeover.onDidChange(showOthers));
    this.#owned.track(
      host.runner.onDidChange((activity) => {
        if (activity === null) showOthers();
        else this.#show(runningText(vscode.l10n, activity), commandIds.activityShow, activity.ref);
      }),
    );
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #showOther(): Promise<void> {
    if (this.#host.runner.current !== null || this.#owned.isDisposed) return;
    const [elsewhere] = this.#host.takeover.elsewhere;
    if (elsewhere !== undefined) {
      const { folder, sessionId, session, iteration } = elsewhere;
      const text = elsewhereText(vscode.l10n, session.name, iteration.iterationNumber, iteration.status);
      this.#show(text, commandIds.activityShow, { folder, sessionId });
      return;
    }
    try {
      const review = await this.#nextReview();
      if (this.#host.runner.current !== null || this.#host.takeover.elsewhere.length > 0) return;
      if (review === null) this.#item.hide();
      else {
        const { ref, name, progress } = review;
        this.#show(reviewText(vscode.l10n, name, progress), commandIds.reviewOpen, ref);
      }
    } catch (error) {
      this.#host.log.debug(`Status bar: ${String(error)}`);
      this.#item.hide();
    }
  }

  async #nextReview(): Promise<{ ref: SessionRef; name: string; progress: BatchProgress } | null> {
    if (!vscode.workspace.isTrusted) return null;
    for (const folder of await this.#host.folders.openAll()) {
      if (folder.browseOnly) continue;
      const { store } = folder.ports;
      for (const session of (await store.sessions.list()).toReversed()) {
        if (session.status !== 'active') continue;
        const last = (await store.iterations.list(session.id)).at(-1);
        if (last?.status !== 'reviewing') continue;
        const progress = await store.samples.progress(last.id);
        if (progress.open > 0) return { ref: { folder, sessionId: session.id }, name: session.name, progress };
      }
    }
    return null;
  }

  #show(text: StatusText, command: string, ref: SessionRef): void {
    this.#item.text = text.text;
    this.#item.tooltip = visibleText(text.tooltip);
    this.#item.accessibilityInformation = { label: text.spoken };
    this.#item.command = { title: text.spoken, command, arguments: [ref] };
    this.#item.show();
  }
}
