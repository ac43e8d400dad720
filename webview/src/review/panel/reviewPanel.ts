import { connect } from '../../bridge/connect.ts';
import type { HostContext } from '../../bridge/hostContext.ts';
import { tryRequest } from '../../bridge/request.ts';
import { setTranslations } from '../../bridge/translate.ts';
import type { ReviewFromHost, ReviewFromWebview } from '../../../../extension/src/protocol/review.ts';
import { checkFromHost, isReviewState } from '../model/messages.ts';
import { parseSavedState, restoreSavedState, savedStateChanged, toSavedState } from '../model/savedState.ts';
import type { PanelState } from '../model/state.ts';
import { ReviewClock } from '../model/reviewClock.ts';
import { CommandReceiver } from './commandReceiver.ts';
import { ActionPerformer } from './actionPerformer.ts';
import { DraftKeeper } from './draftKeeper.ts';
import { Navigation, type ReviewChannel } from './navigation.ts';
import { isPageFocused, Requests } from './requests.ts';
import { createReviewStore } from '../model/reducer.ts';

/** Milliseconds between a change and its storage. */
const saveDelay = 80;

/** The review page without its components: state, requests, actions, drafts and saved state. */
export class ReviewPanel {
  readonly store = createReviewStore();
  readonly navigation: Navigation;
  readonly requests: Requests;
  readonly performer: ActionPerformer;
  readonly commands: CommandReceiver;
  readonly #drafts: DraftKeeper;
  readonly #channel: ReviewChannel;
  readonly #clock = new ReviewClock();
  readonly #host: HostContext;
  readonly #now: () => number;
  readonly #stops: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #timed: number | null = null;
  #lastSaved: PanelState | null = null;

  /** @param now a monotonic clock in milliseconds. */
  constructor(host: HostContext, now: () => number = () => performance.now()) {
    this.#host = host;
    this.#now = now;
    const { channel, close } = connect<ReviewFromHost, ReviewFromWebview>(
      host,
      {
        events: {
          'review/state': (state) => this.navigation.receive(state),
          'review/action': (command) => this.commands.receive(command),
        },
        requests: {},
      },
      checkFromHost,
      (lost) => this.store.dispatch({ type: 'lost', lost }),
    );
    this.#channel = channel;
    this.navigation = new Navigation(this.store, channel);
    this.requests = new Requests(this.store, channel, this.navigation, this.#clock, now);
    this.performer = new ActionPerformer(this.store, this.requests, this.navigation);
    this.#drafts = new DraftKeeper(this.store, (sampleId, draft) => this.requests.keepDraft(sampleId, draft));
    this.commands = new CommandReceiver(this.store, this.performer, now);
    this.#stops.push(
      close,
      this.store.subscribe(() => this.#onChange()),
      this.#watchPresence(),
    );
  }

  /** Requests the state from the host. */
  async start(): Promise<void> {
    this.store.dispatch({ type: 'problem', problem: null });
    this.store.dispatch({ type: 'busy', busy: 'start' });
    const kept = parseSavedState(this.#host.getState());
    const problem = await tryRequest({ kind: 'start' } as const, async () => {
      const { strings, state, chosen } = await this.#channel.request('review/ready', null);
      if (!isReviewState(state)) throw new Error('The host sent no valid state.');
      setTranslations(strings);
      this.navigation.receive(state);
      if (kept !== null) this.store.replace(restoreSavedState(this.store.getState(), kept));
      this.store.dispatch({ type: 'busy', busy: null });
      if (chosen) this.store.dispatch({ type: 'browse', on: true });
    });
    if (problem === null) return;
    this.store.dispatch({ type: 'busy', busy: null });
    this.store.dispatch({ type: 'problem', problem });
  }

  /** Sends the failed request again. @param overwrite even if another program changed the label file. */
  retry(overwrite = false): void {
    const { problem } = this.store.getState();
    if (problem === null) return;
    const { attempt } = problem;
    switch (attempt.kind) {
      case 'start':
        return void this.start();
      case 'open':
        this.store.dispatch({ type: 'problem', problem: null });
        return this.navigation.show(attempt.sampleId, true);
      case 'restore':
        return void this.requests.restore(attempt.sampleId, attempt.eventId, attempt.side);
      case 'accept-many':
        return void this.requests.acceptMany(attempt.samples);
      case 'confident':
      case 'history':
        return this.store.dispatch({ type: 'problem', problem: null });
      case 'reload':
        return void this.requests.reload(attempt.sampleId);
      case 'draft':
        this.store.dispatch({ type: 'problem', problem: null });
        return this.#drafts.send(true);
      case 'threshold':
        this.store.dispatch({ type: 'problem', problem: null });
        return void this.requests.keepThreshold();
      case 'undo':
      case 'redo':
        return void this.requests.reverse(attempt.kind, overwrite);
      case 'add-class':
        return void this.requests.addClass(attempt.name);
      case 'train-next':
        return void this.requests.trainNext();
      case 'show-metrics':
        return void this.requests.showMetrics();
      case 'change-keys':
        return void this.requests.changeKeys();
      case 'submit':
        return this.performer.submitAgain(attempt.sampleId, attempt.decision, overwrite);
    }
  }

  /** Shows predictions from another threshold on, in all images of the batch; null returns to those of the classes. */
  chooseThreshold(chosen: number | null): void {
    this.store.dispatch({ type: 'threshold', chosen });
    if (this.store.getState().host?.editable === true) void this.requests.keepThreshold();
  }

  /** Counts the time since the last activity of the user. */
  noteActivity(): void {
    this.#clock.activity(this.#now());
  }

  dispose(): void {
    this.#saveNow();
    for (const stop of this.#stops) stop();
  }

  #onChange(): void {
    this.#drafts.update();
    const { host, image } = this.store.getState();
    const shown = image === 'ready' || image === 'failed' ? (host?.current?.sampleId ?? null) : null;
    if (shown !== null && shown !== this.#timed) {
      this.#timed = shown;
      this.requests.restartClock();
    } else if (host?.current?.sampleId !== this.#timed) {
      this.#timed = null;
    }
    // Not after every change, such as hovering.
    if (!savedStateChanged(this.#lastSaved, this.store.getState())) return;
    this.#timer ??= setTimeout(() => this.#saveNow(), saveDelay);
  }

  #saveNow(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#lastSaved = this.store.getState();
    const kept = toSavedState(this.#lastSaved);
    if (kept !== null) this.#host.setState(kept);
  }

  #watchPresence(): () => void {
    const update = (): void => {
      if (isPageFocused()) this.#clock.resume(this.#now());
      else this.#clock.pause(this.#now());
    };
    const leave = (): void => this.#saveNow();
    window.addEventListener('focus', update);
    window.addEventListener('blur', update);
    document.addEventListener('visibilitychange', update);
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('focus', update);
      window.removeEventListener('blur', update);
      document.removeEventListener('visibilitychange', update);
      window.removeEventListener('pagehide', leave);
    };
  }
}
