import type { Channel } from '../../../../extension/src/protocol/channel.ts';
import type {
  DecisionMessage,
  DraftView,
  ReviewFromHost,
  ReviewFromWebview,
  ReviewState,
} from '../../../../extension/src/protocol/review.ts';
import { tryRequest } from '../../bridge/request.ts';
import { changeBox } from '../model/boxes.ts';
import { visibleBoxes } from '../model/editState.ts';
import { progressOf } from '../model/queue.ts';
import type { PanelEvent, ReviewStore } from '../model/reducer.ts';
import type { ReviewClock } from '../model/reviewClock.ts';
import { type Attempt, type Busy, openSample } from '../model/state.ts';
import { plural, t } from '../strings.ts';
import { verdictTitle } from '../verdicts.ts';

export type ReviewChannel = Channel<ReviewFromHost, ReviewFromWebview>;

/**
 * The requests to the host, one at a time. Until the answer the page shows the same sample, so that it always shows the
 * saved state. A problem stays visible until the user tries again or dismisses it. No edit is lost.
 */
export class Requests {
  readonly #store: ReviewStore;
  readonly #channel: ReviewChannel;
  readonly #clock: ReviewClock;
  readonly #now: () => number;

  constructor(store: ReviewStore, channel: ReviewChannel, clock: ReviewClock, now: () => number) {
    this.#store = store;
    this.#channel = channel;
    this.#clock = clock;
    this.#now = now;
  }

  /** Saves a verdict on the open sample. The next sample appears when the verdict is on disk. */
  async submit(decision: DecisionMessage, overwrite = false): Promise<void> {
    const open = openSample(this.#store.getState());
    if (open === null || !open.host.editable) return;
    const { sampleId } = open.sample;
    const reviewSeconds = this.#clock.seconds(this.#now());
    await this.#attempt('submit', { kind: 'submit', sampleId, decision }, async () => {
      const state = await this.#channel.request('review/submit', { sampleId, decision, reviewSeconds, overwrite });
      this.restartClock();
      this.#store.dispatch({ type: 'timed', seconds: reviewSeconds });
      this.#store.dispatch({ type: 'browse', on: false });
      this.#setHostState(state, { settled: { sampleId, how: 'saved' } });
      this.#announce(`${t('Saved: {0}.', verdictTitle(decision.verdict))} ${this.#left(state)}`);
    });
  }

  /** @param rescan drops the edits and reads the label file again. */
  async open(sampleId: number, rescan = false): Promise<void> {
    await this.#attempt('open', { kind: 'open', sampleId }, async () => {
      const state = await this.#channel.request('review/open', rescan ? { sampleId, rescan } : { sampleId });
      this.#store.dispatch({ type: 'browse', on: true });
      this.#setHostState(state, rescan ? { settled: { sampleId, how: 'dropped' } } : {});
      const { position, total } = progressOf(state);
      this.#announce(t('Image {0} of {1}', position, total));
    });
  }

  /** Stores the edits of a sample. A failure is shown, and the page keeps the edits. */
  async keepDraft(sampleId: number, draft: DraftView | null): Promise<void> {
    const problem = await tryRequest({ kind: 'draft' } as const, () =>
      this.#channel.request('review/draft', { sampleId, draft }),
    );
    if (problem !== null) this.#store.dispatch({ type: 'problem', problem });
  }

  async undo(overwrite = false): Promise<void> {
    await this.#attempt('undo', { kind: 'undo' }, async () => {
      const state = await this.#channel.request('review/undo', { overwrite });
      this.#store.dispatch({ type: 'browse', on: true });
      this.#setHostState(state, { undone: true });
      this.#announce(`${t('The last verdict was undone.')} ${this.#left(state)}`);
    });
  }

  /** Adds a class to the dataset, and assigns it to the selected box. */
  async addClass(name: string): Promise<void> {
    await this.#attempt('add-class', { kind: 'add-class', name }, async () => {
      const host = await this.#channel.request('review/add-class', { name });
      this.#setHostState(host);
      const classId = host.classNames.lastIndexOf(name);
      if (classId < 0) return;
      this.#store.dispatch({ type: 'next-class', classId });
      const state = this.#store.getState();
      const open = openSample(state);
      const shown = visibleBoxes(state).find((one) => one.box.key === state.selected);
      if (open !== null && shown !== undefined) {
        this.#store.dispatch({ type: 'edit', boxSet: changeBox(open.boxSet, shown.box, { classId }) });
      }
      this.#store.dispatch({ type: 'prompt', prompt: null });
      this.#announce(t('Class {0} was added.', name));
    });
  }

  async trainNext(): Promise<void> {
    await this.#attempt('leave', { kind: 'train-next' }, () => this.#channel.request('review/train-next', null));
  }

  async showMetrics(): Promise<void> {
    await this.#attempt('leave', { kind: 'show-metrics' }, () => this.#channel.request('review/show-metrics', null));
  }

  /** Opens VS Code's Keyboard Shortcuts editor with the keys of the review. */
  async changeKeys(): Promise<void> {
    await this.#attempt('leave', { kind: 'change-keys' }, () => this.#channel.request('review/change-keys', null));
  }

  /** Starts the clock of a new sample. */
  restartClock(): void {
    this.#clock.restart(this.#now(), isPageFocused());
  }

  async #attempt(busy: Busy, attempt: Attempt, send: () => Promise<unknown>): Promise<void> {
    if (this.#store.getState().busy !== null) return;
    this.#store.dispatch({ type: 'busy', busy });
    this.#store.dispatch({ type: 'problem', problem: null });
    const problem = await tryRequest(attempt, send);
    if (problem !== null) this.#store.dispatch({ type: 'problem', problem });
    this.#store.dispatch({ type: 'busy', busy: null });
  }

  #setHostState(
    state: ReviewState,
    change: Pick<Extract<PanelEvent, { type: 'host' }>, 'settled' | 'undone'> = {},
  ): void {
    this.#store.dispatch({ type: 'host', state, ...change });
  }

  #left(state: ReviewState): string {
    const { left } = progressOf(state);
    return left === 0 ? t('All samples are reviewed.') : plural(left, '{0} left.', '{0} left.');
  }

  #announce(text: string): void {
    this.#store.dispatch({ type: 'announce', text });
  }
}

/** Whether the page is visible and focused. */
export function isPageFocused(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}
