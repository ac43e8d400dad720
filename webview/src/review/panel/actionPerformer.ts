import type { DecisionMessage } from '../../../../extension/src/protocol/review.ts';
import type { PanelAction } from '../model/actions.ts';
import { decisionFor } from '../model/boxes.ts';
import { neighbour } from '../model/queue.ts';
import { editStateOf } from '../model/editState.ts';
import { isAllJudged, isDone, openSample, type PanelState } from '../model/state.ts';
import { t } from '../strings.ts';
import { BoxEditor } from './boxEditor.ts';
import type { CanvasCommands } from './canvasCommands.ts';
import type { Navigation } from './navigation.ts';
import { performViewAction } from './viewActions.ts';
import type { Requests } from './requests.ts';
import type { ReviewStore } from '../model/reducer.ts';

/** Performs the actions of keys, buttons and commands of VS Code. */
export class ActionPerformer {
  readonly #store: ReviewStore;
  readonly #requests: Requests;
  readonly #navigation: Navigation;
  readonly boxes: BoxEditor;
  /** Set while the canvas is shown. */
  canvas: CanvasCommands | null = null;

  constructor(store: ReviewStore, requests: Requests, navigation: Navigation) {
    this.#store = store;
    this.#requests = requests;
    this.#navigation = navigation;
    this.boxes = new BoxEditor(store, () => this.#openToEdit());
  }

  perform(action: PanelAction): void {
    if (performViewAction(action, this.#store, this.canvas) || this.boxes.perform(action)) return;
    switch (action) {
      case 'accept':
        return this.#accept(false);
      case 'save-corrections':
        return this.#accept(true);
      case 'reject':
        return this.#ask('reject');
      case 'reject-background':
        return this.#judge({ verdict: 'rejected-background' });
      case 'reject-unusable':
        return this.#judge({ verdict: 'rejected-unusable' });
      case 'reject-later':
        return this.#judge({ verdict: 'rejected-later' });
      case 'skip':
        return this.#judge({ verdict: 'skipped' });
      case 'accept-confident':
        return this.#acceptConfident();
      case 'undo':
      case 'redo':
        return this.#reverse(action);
      case 'next':
        return this.#go(1);
      case 'previous':
        return this.#go(-1);
      case 'show-keys':
        return this.#toggle('keys');
      case 'escape':
        return this.#escape();
    }
  }

  /** Submits a failed verdict again, with the current boxes. */
  submitAgain(sampleId: number, decision: DecisionMessage, overwrite: boolean): void {
    const open = this.#openToEdit();
    if (open === null || open.sample.sampleId !== sampleId) return;
    if (decision.verdict !== 'accepted' && decision.verdict !== 'corrected') {
      return void this.#requests.submit(decision, overwrite);
    }
    const now = decisionFor(open.boxSet, open.sample, open.host.thresholds);
    const confirmed = decision.verdict === 'accepted' ? decision.confirmBackground : decision.boxes.length === 0;
    if (open.boxSet.boxes.length === 0 && !confirmed) return this.#ask('background');
    void this.#requests.submit(now, overwrite);
  }

  #accept(onlyCorrections: boolean): void {
    const open = this.#openToJudge();
    if (open === null) return;
    const state = this.#store.getState();
    if (state.image !== 'ready') return this.refuse(t('An image that is not shown cannot be accepted.'));
    const { edited, decision } = editStateOf(open);
    if (onlyCorrections && !edited) return this.#announce(t('Nothing has changed.'));
    // Reviewed before and unchanged: there is nothing to write.
    if (!edited && open.sample.verdict !== null && open.sample.labels !== null) return this.#go(1);
    if (open.boxSet.boxes.length === 0 && state.prompt !== 'background') {
      this.#announce(t('No boxes are shown. Is this image background?'));
      return this.#ask('background');
    }
    void this.#requests.submit(decision);
  }

  #judge(decision: DecisionMessage): void {
    if (this.#openToJudge() !== null) void this.#requests.submit(decision);
  }

  #acceptConfident(): void {
    const { host, busy } = this.#store.getState();
    if (host === null || busy !== null) return;
    if (!host.editable || host.listTitle !== null) return this.refuse(t('There is no open batch.'));
    if (host.queue.every(({ verdict }) => verdict !== null)) return this.#announce(t('All samples are reviewed.'));
    this.#toggle('confident');
  }

  #reverse(direction: 'undo' | 'redo'): void {
    this.#requests.whenIdle(() => {
      const { host } = this.#store.getState();
      if (host === null || !host.editable) return;
      if (host[direction] !== null) return void this.#requests.reverse(direction);
      this.#announce(direction === 'undo' ? t('There is no verdict to undo.') : t('There is no verdict to redo.'));
    });
  }

  #go(by: 1 | -1): void {
    this.#requests.whenIdle(() => {
      const state = this.#store.getState();
      const { host, waiting } = state;
      const target = host === null ? null : neighbour(host, by, waiting ?? undefined);
      if (target !== null) return this.#navigation.show(target.sampleId, true);
      // The summary follows the last image.
      if (by > 0 && isAllJudged(state)) return this.#store.dispatch({ type: 'browse', on: false });
      this.#announce(by > 0 ? t('This is the last image.') : t('This is the first image.'));
    });
  }

  /** Opens a sample that the user chose. */
  open(sampleId: number): void {
    this.#requests.whenIdle(() => this.#navigation.show(sampleId, true));
  }

  #escape(): void {
    if (this.canvas?.cancel() === true) return;
    const { prompt, drawing, moving, selected } = this.#store.getState();
    if (prompt !== null) return this.#store.dispatch({ type: 'prompt', prompt: null });
    if (drawing) return this.#store.dispatch({ type: 'draw', on: false });
    if (moving) return this.#store.dispatch({ type: 'move-box', on: false });
    if (selected !== null) this.#store.dispatch({ type: 'select', key: null });
  }

  #ask(prompt: 'reject' | 'background'): void {
    if (this.#openToJudge() !== null) this.#toggle(prompt);
  }

  #toggle(prompt: PanelState['prompt']): void {
    const same = this.#store.getState().prompt === prompt;
    this.#store.dispatch({ type: 'prompt', prompt: same ? null : prompt });
  }

  /** The open sample if a verdict may be given on it now. Otherwise says why not, unless the page shows it already. */
  #openToJudge(): ReturnType<typeof openSample> {
    const state = this.#store.getState();
    const open = openSample(state);
    if (open === null || !open.host.editable || isDone(state)) return null;
    if (state.busy === null && state.painted === open.sample.sampleId) return open;
    this.refuse(t('The next image is not shown yet. Press the key again.'));
    return null;
  }

  #openToEdit(): ReturnType<typeof openSample> {
    const state = this.#store.getState();
    const open = state.host?.editable === true ? openSample(state) : null;
    if (open === null || state.busy === null) return open;
    this.refuse(t('The next image is not shown yet. Press the key again.'));
    return null;
  }

  /** Says on the image that a key or click did nothing, and why. */
  refuse(text: string): void {
    this.#store.dispatch({ type: 'refuse', text });
  }

  #announce(text: string): void {
    this.#store.dispatch({ type: 'announce', text });
  }
}
