import type { ReviewFromHost } from '../../../../extension/src/protocol/review.ts';
import { onceAPress, rejectReasons } from '../model/actions.ts';
import type { Performer } from './perform.ts';
import type { PanelStore } from './store.ts';

type Command = ReviewFromHost['events']['review/action'];

/** A command that takes longer to come back was not called by the arrow. */
const arrowLimit = 2000;

/**
 * Takes the commands of VS Code, most of which answer a key of this page. They come a moment after the key, and in the
 * order of the keys; so what a key means is decided when its command comes, by what the keys before it have done.
 */
export class Commands {
  readonly #store: PanelStore;
  readonly #performer: Performer;
  readonly #now: () => number;
  #held = false;
  #arrows: { readonly action: 'next' | 'previous'; readonly at: number }[] = [];

  constructor(store: PanelStore, performer: Performer, now: () => number) {
    this.#store = store;
    this.#performer = performer;
    this.#now = now;
  }

  /** A key went down. @param repeat it is held, and went down before. */
  noteKey(repeat: boolean): void {
    this.#held = repeat;
  }

  /** An arrow was left to VS Code, since no box was selected. */
  noteArrow(chord: string): void {
    if (chord !== 'ArrowLeft' && chord !== 'ArrowRight') return;
    this.#arrows.push({ action: chord === 'ArrowRight' ? 'next' : 'previous', at: this.#now() });
  }

  take({ action, classId }: Command): void {
    const { prompt, selected } = this.#store.getState();
    const byArrow = this.#takeArrow(action);
    if (this.#held && onceAPress.has(action)) return;
    // A name is being typed: what was pressed before the field had the focus belongs to it.
    if (prompt === 'class') return;
    if (prompt === 'reject') {
      const reason = action === 'change-class' && classId !== undefined ? rejectReasons[classId] : undefined;
      if (reason !== undefined) return this.#performer.perform(reason);
      if (action === 'accept' || action === 'skip' || action === 'undo') return;
    }
    // The key that asked must not answer: whoever presses it image after image would label background unseen.
    if (prompt === 'background' && action === 'accept') return;
    if (byArrow && selected !== null) return this.#performer.nudge(action === 'next' ? 1 : -1, 0);
    if (action === 'change-class' && classId !== undefined) return this.#performer.chooseClass(classId);
    this.#performer.perform(action);
  }

  #takeArrow(action: Command['action']): boolean {
    this.#arrows = this.#arrows.filter(({ at }) => this.#now() - at < arrowLimit);
    const place = this.#arrows.findIndex((one) => one.action === action);
    if (place >= 0) this.#arrows.splice(place, 1);
    return place >= 0;
  }
}
