import type { BoxView } from '../../../../extension/src/protocol/review.ts';
import type { PanelAction } from '../model/actions.ts';
import {
  changeBox,
  demote,
  doubtfulFirst,
  dropBelow,
  type EditBox,
  keepOnly,
  promote,
  removeBox,
} from '../model/boxes.ts';
import { copyOf, pasteBoxes, repeatBoxes } from '../model/clipboard.ts';
import { visibleBoxes } from '../model/editState.ts';
import { nextAlternative, nextCandidate } from '../model/objects.ts';
import { type Edge, moveRect, nudgeEdge } from '../model/geometry.ts';
import type { ReviewStore } from '../model/reducer.ts';
import { openSample, type OpenSample, type PanelState } from '../model/state.ts';
import { plural, t } from '../strings.ts';

/** Selects and edits the boxes of the open sample. Each edit is a step that can be undone. */
export class BoxEditor {
  readonly #store: ReviewStore;
  readonly #openToEdit: () => OpenSample | null;
  /** The order in which the user goes from box to box. */
  #order: 'list' | 'doubt' = 'list';
  /** The box that was selected after another one was kept or dropped. */
  #wentOnTo: number | null = null;

  /** @param openToEdit the open sample if it may be edited now; otherwise null, and the user knows why. */
  constructor(store: ReviewStore, openToEdit: () => OpenSample | null) {
    this.#store = store;
    this.#openToEdit = openToEdit;
  }

  /** Performs an action on boxes. @returns false for other actions. */
  perform(action: PanelAction): boolean {
    const edit = this.#actions[action];
    if (edit === undefined) return false;
    const arrived = this.#wentOnTo;
    this.#wentOnTo = null;
    // The key that kept or dropped a box has gone on already: a person who asks for the next one means this one.
    const isThere = arrived !== null && arrived === this.#store.getState().selected;
    if (!(isThere && action === (this.#order === 'list' ? 'next-box' : 'next-doubtful-box'))) edit();
    return true;
  }

  readonly #actions: Readonly<Partial<Record<PanelAction, () => void>>> = {
    'next-box': () => this.#selectNext(1),
    'previous-box': () => this.#selectNext(-1),
    'next-doubtful-box': () => this.#selectDoubtful(),
    'toggle-keep': () => this.#onSelected((box) => this.#toggleAndGoOn(box)),
    'next-alternative': () => this.#onSelected((box) => this.#nextAlternative(box)),
    'next-candidate': () => this.#keepNextCandidate(),
    'apply-threshold': () => this.#dropBelowThreshold(),
    'keep-only': () => this.#onSelected((box) => this.#keepOnly(box)),
    'move-box': () =>
      this.#onSelected(() => this.#store.dispatch({ type: 'move-box', on: !this.#store.getState().moving })),
    'delete-box': () => this.#onSelected((box) => this.deleteBox(box)),
    'change-class': () => this.#onSelected(() => this.#store.dispatch({ type: 'prompt', prompt: 'class' })),
    'draw-box': () => {
      if (this.#openToEdit() !== null) this.#store.dispatch({ type: 'draw', on: !this.#store.getState().drawing });
    },
    'copy-box': () => this.#copy(),
    'paste-box': () => this.#paste(this.#store.getState().copied),
    'duplicate-box': () => this.#onSelected((box) => this.#paste([copyOf(box)])),
    'repeat-boxes': () => this.#repeat(),
    'undo-edit': () => this.#undoEdit(),
    'redo-edit': () => this.#store.dispatch({ type: 'redo-edit' }),
  };

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
    this.#order = 'list';
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
    const boxes = doubtfulFirst(visibleBoxes(state), open.host.thresholds);
    const target = boxes[(boxes.findIndex(({ key }) => key === state.selected) + 1) % boxes.length];
    if (target === undefined) return this.#announce(t('No predictions are shown.'));
    this.#order = 'doubt';
    this.#store.dispatch({ type: 'select', key: target.key });
  }

  /** Keeps or drops a box, and selects the next one, so that the user can press the key again. */
  #toggleAndGoOn(box: EditBox): void {
    const next = this.#boxAfter(box);
    this.toggleKept(box);
    const stillShown = visibleBoxes(this.#store.getState()).some((one) => one.box.key === next?.key);
    const key = stillShown ? (next?.key ?? null) : null;
    this.#store.dispatch({ type: 'select', key });
    this.#wentOnTo = key;
  }

  /** The next box in the user's order, and after the last one the first. */
  #boxAfter(box: EditBox): EditBox | undefined {
    const state = this.#store.getState();
    const shown = visibleBoxes(state);
    const order =
      this.#order === 'list' || state.host === null
        ? shown.map((one) => one.box)
        : doubtfulFirst(shown, state.host.thresholds);
    return order[(order.findIndex(({ key }) => key === box.key) + 1) % order.length];
  }

  #nextAlternative(box: EditBox): void {
    const open = this.#openToEdit();
    if (open === null) return;
    const next = nextAlternative(open.boxSet, box, open.sample.predictions);
    if (next === null) return this.#announce(t('There is no other prediction of this object.'));
    this.#store.dispatch({ type: 'edit', boxSet: next.boxSet, select: next.key });
    const chosen = this.#selected(this.#store.getState());
    if (chosen !== null) this.#announce(open.host.classNames[chosen.classId] ?? '');
  }

  #keepNextCandidate(): void {
    const open = this.#openToEdit();
    if (open === null) return;
    const box = nextCandidate(open.boxSet, open.sample.predictions);
    if (box === null) return this.#announce(t('There is no weaker prediction.'));
    this.#store.dispatch({ type: 'edit', boxSet: promote(open.boxSet, box), select: box.key });
  }

  #dropBelowThreshold(): void {
    const open = this.#openToEdit();
    if (open === null) return;
    const boxSet = dropBelow(open.boxSet, open.host.thresholds);
    const dropped = open.boxSet.boxes.length - boxSet.boxes.length;
    if (dropped === 0) return this.#announce(t('No box is below the threshold.'));
    this.#store.dispatch({ type: 'edit', boxSet, select: null });
    this.#announce(plural(dropped, '{0} box dropped.', '{0} boxes dropped.'));
  }

  #keepOnly(box: EditBox): void {
    const open = this.#openToEdit();
    if (open === null) return;
    this.#store.dispatch({ type: 'edit', boxSet: keepOnly(open.boxSet, box), select: box.key });
    this.#announce(t('Only this box is kept.'));
  }

  /** Copies the selected box, or all boxes that a verdict would save. */
  #copy(): void {
    const state = this.#store.getState();
    const selected = this.#selected(state);
    const boxes = selected === null ? (openSample(state)?.boxSet.boxes ?? []) : [selected];
    if (boxes.length === 0) return this.#announce(t('There is no box to copy.'));
    this.#store.dispatch({ type: 'copied', boxes: boxes.map(copyOf) });
    this.#announce(boxes.length === 1 ? t('Box copied.') : t('{0} boxes copied.', boxes.length));
  }

  #paste(copies: readonly BoxView[]): void {
    const open = this.#openToEdit();
    if (open === null) return;
    const { boxSet, key } = pasteBoxes(open.boxSet, copies, open.sample);
    if (key === null) return this.#announce(t('There is no box to paste.'));
    this.#store.dispatch({ type: 'edit', boxSet, select: key });
  }

  #repeat(): void {
    const open = this.#openToEdit();
    if (open === null) return;
    const boxSet = repeatBoxes(open.boxSet, this.#store.getState().previousBoxes, open.sample);
    if (boxSet === open.boxSet) return this.#announce(t('There are no boxes to repeat.'));
    this.#store.dispatch({ type: 'edit', boxSet });
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

  /** Never undoes a verdict, which may be of another image. */
  #undoEdit(): void {
    const { draft } = this.#store.getState();
    if (draft === null || draft.history.past.length === 0) return this.#announce(t('There is no edit to undo.'));
    this.#store.dispatch({ type: 'undo-edit' });
  }

  #onSelected(edit: (box: EditBox) => void): void {
    const box = this.#selected(this.#store.getState());
    if (box === null) return this.#announce(t('Select a box first.'));
    if (this.#openToEdit() !== null) edit(box);
  }

  #selected(state: PanelState): EditBox | null {
    return visibleBoxes(state).find((one) => one.box.key === state.selected)?.box ?? null;
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
