import type { DecisionMessage } from '../../../../extension/src/protocol/review.ts';
import type { PanelAction } from '../model/actions.ts';
import {
  changeBox,
  decisionFor,
  demote,
  doubtfulFirst,
  type EditBox,
  keepOnly,
  promote,
  removeBox,
} from '../model/boxes.ts';
import { type Edge, moveRect, nudgeEdge, type Rect } from '../model/geometry.ts';
import { neighbour } from '../model/queue.ts';
import { editStateOf, visibleBoxes } from '../model/editState.ts';
import { isAllJudged, isDone, openSample, type PanelState } from '../model/state.ts';
import { t } from '../strings.ts';
import type { Navigation } from './navigation.ts';
import type { Requests } from './requests.ts';
import type { ReviewStore } from '../model/reducer.ts';

/** Actions of the canvas. */
export interface CanvasCommands {
  zoomBy(factor: number): void;
  zoomFit(): void;
  /** The selected box in CSS pixels of the canvas; null if it is not visible. */
  selectedRect(): Rect | null;
  /** Draws the box around the clicked points. @returns false if there are too few. */
  finish(): boolean;
  /** @returns whether there was a drag or drawing to cancel. */
  cancel(): boolean;
}

/** Performs the actions of keys, buttons and commands of VS Code. */
export class ActionPerformer {
  readonly #store: ReviewStore;
  readonly #requests: Requests;
  readonly #navigation: Navigation;
  /** Set while the canvas is shown. */
  canvas: CanvasCommands | null = null;

  constructor(store: ReviewStore, requests: Requests, navigation: Navigation) {
    this.#store = store;
    this.#requests = requests;
    this.#navigation = navigation;
  }

  perform(action: PanelAction): void {
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
      case 'undo':
      case 'redo':
        return this.#reverse(action);
      case 'undo-edit':
        return this.#undoEdit();
      case 'redo-edit':
        return this.#store.dispatch({ type: 'redo-edit' });
      case 'next':
        return this.#go(1);
      case 'previous':
        return this.#go(-1);
      case 'next-box':
        return this.#selectNext(1);
      case 'previous-box':
        return this.#selectNext(-1);
      case 'next-doubtful-box':
        return this.#selectDoubtful();
      case 'toggle-keep':
        return this.#onSelected((box) => this.#toggleAndGoOn(box));
      case 'keep-only':
        return this.#onSelected((box) => this.#keepOnly(box));
      case 'move-box':
        return this.#onSelected(() => this.#store.dispatch({ type: 'move-box', on: !this.#store.getState().moving }));
      case 'delete-box':
        return this.#onSelected((box) => this.deleteBox(box));
      case 'change-class':
        return this.#onSelected(() => this.#store.dispatch({ type: 'prompt', prompt: 'class' }));
      case 'draw-box':
        if (this.#editable()) this.#store.dispatch({ type: 'draw', on: !this.#store.getState().drawing });
        return;
      case 'zoom-in':
        return this.canvas?.zoomBy(1.25);
      case 'zoom-out':
        return this.canvas?.zoomBy(0.8);
      case 'zoom-fit':
        return this.canvas?.zoomFit();
      case 'toggle-boxes':
        return this.#store.dispatch({ type: 'toggle-boxes' });
      case 'show-keys':
        return this.#toggle('keys');
      case 'escape':
        return this.#escape();
    }
  }

  /** @returns false if there is no box in that direction. */
  selectNeighbour(by: 1 | -1): boolean {
    const state = this.#store.getState();
    const shown = visibleBoxes(state);
    const place = shown.findIndex((one) => one.box.key === state.selected);
    const target = place < 0 ? shown.at(by > 0 ? 0 : -1) : place + by < 0 ? undefined : shown[place + by];
    if (target === undefined || state.boxesHidden) return false;
    this.#store.dispatch({ type: 'select', key: target.box.key });
    return true;
  }

  /** Selects the next box, and after the last one the first. */
  #selectNext(by: 1 | -1): void {
    if (this.selectNeighbour(by)) return;
    const state = this.#store.getState();
    const target = visibleBoxes(state).at(by > 0 ? 0 : -1);
    if (target !== undefined && !state.boxesHidden) this.#store.dispatch({ type: 'select', key: target.box.key });
  }

  /** Selects the next box in the order of doubt, and after the surest one the most doubtful. */
  #selectDoubtful(): void {
    const state = this.#store.getState();
    const open = openSample(state);
    if (open === null || state.boxesHidden) return;
    const boxes = doubtfulFirst(visibleBoxes(state), open.host.shownConfidence);
    const target = boxes[(boxes.findIndex(({ key }) => key === state.selected) + 1) % boxes.length];
    if (target === undefined) return this.#announce(t('No predictions are shown.'));
    this.#store.dispatch({ type: 'select', key: target.key });
  }

  /** Keeps or drops a box, and selects the next one, so that the user can press the key again. */
  #toggleAndGoOn(box: EditBox): void {
    const shown = visibleBoxes(this.#store.getState());
    const place = shown.findIndex((one) => one.box.key === box.key);
    const next = shown[(place + 1) % shown.length];
    this.toggleKept(box);
    const stillShown = visibleBoxes(this.#store.getState()).some((one) => one.box.key === next?.box.key);
    this.#store.dispatch({ type: 'select', key: stillShown ? (next?.box.key ?? null) : null });
  }

  #keepOnly(box: EditBox): void {
    const open = this.#openToEdit();
    if (open === null) return;
    this.#store.dispatch({ type: 'edit', boxSet: keepOnly(open.boxSet, box), select: box.key });
    this.#announce(t('Only this box is kept.'));
  }

  /** Keeps an offered box, stops keeping a prediction, or deletes a drawn box. */
  toggleKept(box: EditBox): void {
    const open = this.#openToEdit();
    if (open === null) return;
    const kept = open.boxSet.boxes.some((one) => one.key === box.key);
    if (!kept) return this.#store.dispatch({ type: 'edit', boxSet: promote(open.boxSet, box), select: box.key });
    if (box.prediction === null) return this.deleteBox(box);
    this.#store.dispatch({ type: 'edit', boxSet: demote(open.boxSet, box.key) });
  }

  /** Deletes a box and selects the next one, so that the user can press Delete again. */
  deleteBox(box: EditBox): void {
    const open = this.#openToEdit();
    if (open === null) return;
    const shown = visibleBoxes(this.#store.getState());
    const place = shown.findIndex((one) => one.box.key === box.key);
    const next = shown[place + 1] ?? shown[place - 1];
    this.#store.dispatch({ type: 'edit', boxSet: removeBox(open.boxSet, box), select: next?.box.key ?? null });
    this.#announce(t('Box deleted.'));
  }

  /** Sets the class of the selected box and of the next drawn box. */
  chooseClass(classId: number): void {
    const state = this.#store.getState();
    const name = state.host?.classNames[classId];
    if (name === undefined) return;
    this.#store.dispatch({ type: 'next-class', classId });
    const open = this.#openToEdit();
    const selected = this.#selected(state);
    if (open !== null && selected !== null) {
      this.#store.dispatch({ type: 'edit', boxSet: changeBox(open.boxSet, selected, { classId }) });
    }
    if (state.prompt === 'class') this.#store.dispatch({ type: 'prompt', prompt: null });
    this.#announce(name);
  }

  /** Moves the selected box, its right or lower edge (`far`), or its left or upper edge (`near`). */
  nudge(dx: number, dy: number, edges: 'none' | 'far' | 'near' = 'none'): void {
    const open = this.#openToEdit();
    const box = this.#selected(this.#store.getState());
    if (open === null || box === null) return;
    const { sample } = open;
    const edge = edgeFor(dx, dy, edges);
    const moved = edge === null ? moveRect(box, dx, dy, sample) : nudgeEdge(box, edge, dx + dy, sample);
    const tag = `nudge ${box.key} ${edge ?? 'all'}`;
    this.#store.dispatch({ type: 'edit', boxSet: changeBox(open.boxSet, box, moved), tag });
  }

  /** Submits a failed verdict again, with the current boxes. */
  submitAgain(sampleId: number, decision: DecisionMessage, overwrite: boolean): void {
    const open = this.#openToEdit();
    if (open === null || open.sample.sampleId !== sampleId) return;
    if (decision.verdict !== 'accepted' && decision.verdict !== 'corrected') {
      return void this.#requests.submit(decision, overwrite);
    }
    const now = decisionFor(open.boxSet, open.sample, open.host.shownConfidence);
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

  /** Never undoes a verdict, which may be of another image. */
  #undoEdit(): void {
    const { draft } = this.#store.getState();
    if (draft === null || draft.history.past.length === 0) return this.#announce(t('There is no edit to undo.'));
    this.#store.dispatch({ type: 'undo-edit' });
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

  #onSelected(edit: (box: EditBox) => void): void {
    const box = this.#selected(this.#store.getState());
    if (box === null) return this.#announce(t('Select a box first.'));
    if (this.#editable()) edit(box);
  }

  #selected(state: PanelState): EditBox | null {
    return visibleBoxes(state).find((one) => one.box.key === state.selected)?.box ?? null;
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

  #editable(): boolean {
    return this.#openToEdit() !== null;
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

function edgeFor(dx: number, dy: number, edges: 'none' | 'far' | 'near'): Edge | null {
  if (edges === 'none') return null;
  if (dx !== 0) return edges === 'far' ? 'right' : 'left';
  return dy === 0 ? null : edges === 'far' ? 'bottom' : 'top';
}
