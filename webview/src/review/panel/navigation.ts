import type { Channel } from '../../../../extension/src/protocol/channel.ts';
import type {
  ReviewFromHost,
  ReviewFromWebview,
  ReviewState,
  ReviewUpdate,
  SampleView,
} from '../../../../extension/src/protocol/review.ts';
import { tryRequest } from '../../bridge/request.ts';
import { nearbySamples, progressOf } from '../model/queue.ts';
import type { ReviewStore } from '../model/reducer.ts';
import { t } from '../strings.ts';

export type ReviewChannel = Channel<ReviewFromHost, ReviewFromWebview>;

/**
 * Shows samples of the queue. The samples that may come next are read ahead, so that they appear at once; the host then
 * learns which one is open, and its answer replaces what was read ahead. A sample that was not read ahead appears with the
 * answer. Of several samples that were left before the host heard of them, it hears of the last one only.
 */
export class Navigation {
  readonly #store: ReviewStore;
  readonly #channel: ReviewChannel;
  readonly #ahead = new Map<number, SampleView>();
  /** The sample that the host must hear of. */
  #target: { readonly sampleId: number; readonly chosen: boolean } | null = null;
  #asking = false;
  #reading = false;

  constructor(store: ReviewStore, channel: ReviewChannel) {
    this.#store = store;
    this.#channel = channel;
  }

  /** Shows a sample, at once if it was read ahead. @param browse whether the user chose it, perhaps after its verdict. */
  show(sampleId: number, browse: boolean): void {
    const { host, waiting } = this.#store.getState();
    if (host === null) return;
    this.#store.dispatch({ type: 'browse', on: browse });
    const view = this.#fresh(host, sampleId);
    if (view === undefined) this.#store.dispatch({ type: 'wait', sampleId });
    else {
      // The user has left a sample that is not here yet.
      if (waiting !== null) this.#store.dispatch({ type: 'wait', sampleId: null });
      this.#store.dispatch({ type: 'host', state: { ...host, current: view } });
    }
    if (browse) this.#announcePlace({ ...host, current: view ?? host.current }, sampleId);
    this.#target = { sampleId, chosen: browse };
    void this.#tellHost();
  }

  /** Takes a state that the page did not ask for. */
  receive(state: ReviewState): void {
    const open = this.#store.getState().host?.current ?? null;
    // The host does not know yet what the user has opened.
    const moved = this.#asking && state.queue.some(({ sampleId }) => sampleId === open?.sampleId);
    this.#store.dispatch({ type: 'host', state: moved ? { ...state, current: open } : state });
    if (!this.#asking) void this.#readAhead();
  }

  /** Drops what was read ahead of a sample, because it has changed. */
  forget(sampleId: number): void {
    this.#ahead.delete(sampleId);
  }

  async #tellHost(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    while (this.#target !== null) {
      const { sampleId, chosen } = this.#target;
      this.#target = null;
      const problem = await tryRequest({ kind: 'open', sampleId } as const, async () =>
        this.#take(sampleId, await this.#channel.request('review/open', { sampleId, chosen })),
      );
      if (problem === null || this.#isLeft()) continue;
      this.#store.dispatch({ type: 'wait', sampleId: null });
      this.#store.dispatch({ type: 'problem', problem });
    }
    this.#asking = false;
    await this.#readAhead();
  }

  /** Whether the user has left the sample that the host was asked for. */
  #isLeft(): boolean {
    return this.#target !== null;
  }

  #take(sampleId: number, update: ReviewUpdate): void {
    const { host, waiting } = this.#store.getState();
    if (host === null) return;
    const state: ReviewState = { ...update, queue: update.queue ?? host.queue };
    if (state.current !== null) this.#ahead.set(sampleId, state.current);
    const isOpen = waiting === null ? host.current?.sampleId === sampleId : waiting === sampleId;
    this.#store.dispatch({ type: 'host', state: isOpen ? state : { ...state, current: host.current } });
    if (isOpen && waiting !== null) this.#store.dispatch({ type: 'wait', sampleId: null });
  }

  async #readAhead(): Promise<void> {
    const { host } = this.#store.getState();
    if (host === null || host.current === null || this.#reading) return;
    this.#ahead.set(host.current.sampleId, host.current);
    const nearby = nearbySamples(host);
    const missing = nearby.filter((sampleId) => this.#fresh(host, sampleId) === undefined);
    if (missing.length > 0) {
      this.#reading = true;
      const views = await this.#channel.request('review/samples', { sampleIds: missing }).catch(() => []);
      this.#reading = false;
      for (const view of views) this.#ahead.set(view.sampleId, view);
    }
    const now = this.#store.getState().host;
    if (now === null || now.current === null) return;
    const wanted = nearbySamples(now);
    const kept = new Set([now.current.sampleId, ...wanted]);
    for (const sampleId of this.#ahead.keys()) if (!kept.has(sampleId)) this.#ahead.delete(sampleId);
    this.#store.dispatch({ type: 'ahead', samples: wanted.flatMap((id) => this.#ahead.get(id) ?? []) });
    // The user went on meanwhile.
    if (now.current.sampleId !== host.current.sampleId) await this.#readAhead();
  }

  /** What was read ahead, unless the sample got another verdict since. */
  #fresh({ queue }: ReviewState, sampleId: number): SampleView | undefined {
    const view = this.#ahead.get(sampleId);
    const entry = view === undefined ? undefined : queue.find((one) => one.sampleId === sampleId);
    return entry?.verdict === view?.verdict ? view : undefined;
  }

  #announcePlace(host: ReviewState, sampleId: number): void {
    const position = host.queue.findIndex((one) => one.sampleId === sampleId) + 1;
    this.#store.dispatch({ type: 'announce', text: t('Image {0} of {1}', position, progressOf(host).total) });
  }
}
