import type { ConfidentView } from '../../../../extension/src/protocol/confidentImages.ts';
import type {
  ChangeView,
  DecisionMessage,
  DraftView,
  ReviewState,
  SampleView,
  VerdictView,
} from '../../../../extension/src/protocol/review.ts';
import { tryRequest } from '../../bridge/request.ts';
import { changeBox } from '../model/boxes.ts';
import { visibleBoxes } from '../model/editState.ts';
import { nextOpen, progressOf, withVerdict } from '../model/queue.ts';
import type { PanelEvent, ReviewStore } from '../model/reducer.ts';
import type { ReviewClock } from '../model/reviewClock.ts';
import { type Acceptable, type Attempt, type Busy, openSample } from '../model/state.ts';
import { plural, t } from '../strings.ts';
import type { Navigation, ReviewChannel } from './navigation.ts';
import { outcomeText, reversalText, verdictOf, verdictTitle } from '../verdicts.ts';

/** The host answers no more at once. */
const samplesPerRequest = 50;

/**
 * The requests that change something, one at a time. Until the answer the page shows the same sample, so that it always
 * shows the saved state. A problem stays visible until the user tries again or dismisses it. No edit is lost.
 */
export class Requests {
  readonly #store: ReviewStore;
  readonly #channel: ReviewChannel;
  readonly #clock: ReviewClock;
  readonly #now: () => number;
  readonly #navigation: Navigation;
  /** Wait until no request is running, in the order of their keys. */
  readonly #tasks: (() => void)[] = [];
  #isKeepingThreshold = false;

  constructor(
    store: ReviewStore,
    channel: ReviewChannel,
    navigation: Navigation,
    clock: ReviewClock,
    now: () => number,
  ) {
    this.#store = store;
    this.#channel = channel;
    this.#navigation = navigation;
    this.#clock = clock;
    this.#now = now;
  }

  /** Saves a verdict on the open sample. The next sample appears when the verdict is on disk. */
  async submit(decision: DecisionMessage, overwrite = false): Promise<void> {
    const open = openSample(this.#store.getState());
    if (open === null || !open.host.editable) return;
    const { sampleId } = open.sample;
    const reviewSeconds = this.#clock.seconds(this.#now());
    const attempt = { kind: 'submit', sampleId, decision } as const;
    const verdict = verdictOf(decision, open.sample);
    const saved = await this.#attempt('submit', attempt, async () => {
      await this.#channel.request('review/submit', { sampleId, decision, reviewSeconds, overwrite });
      this.restartClock();
      this.#navigation.forget(sampleId);
      const now = this.#store.getState().host ?? open.host;
      this.#setHostState(afterVerdict(now, sampleId, verdict, reviewSeconds), {
        settled: { sampleId, how: 'saved' },
      });
    });
    if (!saved) return;
    const { host } = this.#store.getState();
    if (host === null) return;
    this.#navigation.show(nextOpen(host.queue, sampleId)?.sampleId ?? sampleId, false);
    this.#announce(`${t('Saved: {0}.', verdictTitle(verdict))} ${this.#left(host)}`);
  }

  /** Drops the edits and reads the label file again, after another program changed it. */
  async reload(sampleId: number): Promise<void> {
    await this.#attempt('open', { kind: 'reload', sampleId }, async () => {
      const update = await this.#channel.request('review/open', { sampleId, chosen: true, rescan: true });
      this.#navigation.forget(sampleId);
      this.#store.dispatch({ type: 'browse', on: true });
      const queue = update.queue ?? this.#store.getState().host?.queue ?? [];
      this.#setHostState({ ...update, queue }, { settled: { sampleId, how: 'dropped' } });
    });
  }

  /** Stores the edits of a sample. A failure is shown, and the page keeps the edits. */
  async keepDraft(sampleId: number, draft: DraftView | null): Promise<void> {
    const problem = await tryRequest({ kind: 'draft' } as const, () =>
      this.#channel.request('review/draft', { sampleId, draft }),
    );
    if (problem !== null) this.#store.dispatch({ type: 'problem', problem });
  }

  /** Stores the threshold of the batch. While one is on its way, only the newest follows. A failure is shown. */
  async keepThreshold(): Promise<void> {
    if (this.#isKeepingThreshold) return;
    this.#isKeepingThreshold = true;
    const newest = (): number | null => this.#store.getState().host?.thresholds.chosen ?? null;
    let sent: number | null | undefined;
    while (sent !== newest()) {
      const chosen = (sent = newest());
      const problem = await tryRequest({ kind: 'threshold' } as const, () =>
        this.#channel.request('review/threshold', { chosen }),
      );
      if (problem === null) continue;
      this.#store.dispatch({ type: 'problem', problem });
      break;
    }
    this.#isKeepingThreshold = false;
  }

  /** Takes the newest verdict back, or gives the one again that was taken back last, and opens its image. */
  async reverse(direction: 'undo' | 'redo', overwrite = false): Promise<void> {
    await this.#attempt(direction, { kind: direction }, async () => {
      const line = this.#store.getState().host?.[direction];
      const state = await this.#channel.request(`review/${direction}`, { overwrite });
      const sampleId = state.current?.sampleId;
      if (sampleId !== undefined) this.#navigation.forget(sampleId);
      this.#store.dispatch({ type: 'browse', on: true });
      const redone = direction === 'redo' && sampleId !== undefined;
      this.#setHostState(state, redone ? { settled: { sampleId, how: 'saved' } } : { undone: direction === 'undo' });
      const { text, leftOut } = reversalText(direction, line ?? null, state[direction]);
      if (leftOut) this.#store.dispatch({ type: 'outcome', outcome: text });
      this.#announce(`${text} ${this.#left(state)}`);
    });
  }

  /** The samples that can be accepted together. A failure is shown. */
  async confident(): Promise<readonly ConfidentView[]> {
    let found: readonly ConfidentView[] = [];
    const problem = await tryRequest({ kind: 'confident' } as const, async () => {
      found = await this.#channel.request('review/confident', null);
    });
    if (problem !== null) this.#store.dispatch({ type: 'problem', problem });
    return found;
  }

  /** Samples to show as pictures, in the order of these ids. Those that cannot be read are left out. */
  async samples(sampleIds: readonly number[]): Promise<readonly SampleView[]> {
    const views: SampleView[] = [];
    for (let first = 0; first < sampleIds.length; first += samplesPerRequest) {
      const part = sampleIds.slice(first, first + samplesPerRequest);
      views.push(...(await this.#channel.request('review/samples', { sampleIds: part }).catch(() => [])));
    }
    return views;
  }

  /** Accepts several samples. An undo takes all back. */
  async acceptMany(samples: readonly Acceptable[]): Promise<void> {
    const secondsEach = this.#clock.seconds(this.#now()) / Math.max(1, samples.length);
    await this.#attempt('submit', { kind: 'accept-many', samples }, async () => {
      const request = { samples, secondsEach };
      const { state, outcome } = await this.#channel.request('review/accept-many', request);
      this.restartClock();
      this.#store.dispatch({ type: 'prompt', prompt: null });
      this.#store.dispatch({ type: 'browse', on: false });
      this.#setHostState(state);
      const text = outcomeText(outcome);
      this.#store.dispatch({ type: 'outcome', outcome: text });
      this.#announce(text);
    });
  }

  /** The changes of a sample's labels, the newest first. A failure is shown. */
  async history(sampleId: number): Promise<readonly ChangeView[]> {
    let changes: readonly ChangeView[] = [];
    const problem = await tryRequest({ kind: 'history', sampleId } as const, async () => {
      changes = await this.#channel.request('review/history', { sampleId });
    });
    if (problem !== null) this.#store.dispatch({ type: 'problem', problem });
    return changes;
  }

  /** Restores labels of the history, as a verdict that can be undone. */
  async restore(sampleId: number, eventId: number, side: 'before' | 'after'): Promise<void> {
    await this.#attempt('submit', { kind: 'restore', sampleId, eventId, side }, async () => {
      const state = await this.#channel.request('review/restore', { sampleId, eventId, side });
      this.#navigation.forget(sampleId);
      this.#store.dispatch({ type: 'browse', on: true });
      this.#setHostState(state, { settled: { sampleId, how: 'saved' } });
      this.#announce(t('The labels were restored.'));
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

  /** Runs a task once no request is running, after those that wait already. */
  whenIdle(task: () => void): void {
    if (this.#tasks.length === 0 && this.#isIdle()) task();
    else this.#tasks.push(task);
  }

  /** @returns whether it succeeded; false too if another request is running. */
  async #attempt(busy: Busy, attempt: Attempt, send: () => Promise<unknown>): Promise<boolean> {
    if (this.#store.getState().busy !== null) return false;
    this.#store.dispatch({ type: 'busy', busy });
    this.#store.dispatch({ type: 'problem', problem: null });
    const problem = await tryRequest(attempt, send);
    if (problem !== null) this.#store.dispatch({ type: 'problem', problem });
    this.#store.dispatch({ type: 'busy', busy: null });
    // After the caller, which may show another sample.
    setTimeout(() => this.#runTasks());
    return problem === null;
  }

  #runTasks(): void {
    while (this.#tasks.length > 0 && this.#isIdle()) this.#tasks.shift()?.();
  }

  /** Whether no request is running but that for a sample that is not here yet, which the user may leave again. */
  #isIdle(): boolean {
    const { busy, waiting } = this.#store.getState();
    return busy === null || waiting !== null;
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

/** The state as the host will send it after a verdict. The host's own state follows when the next sample is open. */
function afterVerdict(host: ReviewState, sampleId: number, verdict: VerdictView, seconds: number): ReviewState {
  const queue = withVerdict(host.queue, sampleId, verdict, seconds);
  const name = host.current?.path.split('/').at(-1) ?? '';
  return { ...host, queue, undo: { verdict, name, group: null, count: 1 }, redo: null };
}
