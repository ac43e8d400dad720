import type { ReviewFromHost } from '../../../../extension/src/protocol/review.ts';
import { actionOf, editsBoxes, onceAPress, type PanelAction, rejectReasons, verdictActions } from '../model/actions.ts';
import type { Prompt } from '../model/state.ts';
import type { ActionPerformer } from './actionPerformer.ts';
import type { ReviewStore } from '../model/reducer.ts';

type Command = ReviewFromHost['events']['review/action'];

/** A key that was left to VS Code, and what was on the page then. */
interface LeftKey {
  readonly chord: string;
  /** What the key does unless the user changed that. */
  readonly action: PanelAction | undefined;
  readonly repeat: boolean;
  readonly sampleId: number | null;
  readonly at: number;
}

/** Milliseconds. A command that takes longer to come back was not called by the key. */
const keyLimit = 5000;

/**
 * Takes the commands of VS Code, most of which answer a key of this page. They come a moment after the key, and in the
 * order of the keys; so what a key means is decided when its command comes, by what the keys before it have done. But a
 * verdict is meant for the image that was shown when its key went down.
 */
export class Commands {
  readonly #store: ReviewStore;
  readonly #performer: ActionPerformer;
  readonly #now: () => number;
  /** Those whose command has not come back, the oldest first. */
  #keys: LeftKey[] = [];
  /** Called the command where its key is none that the action comes with. */
  #last: LeftKey | null = null;

  constructor(store: ReviewStore, performer: ActionPerformer, now: () => number) {
    this.#store = store;
    this.#performer = performer;
    this.#now = now;
  }

  /** A key was left to VS Code. @param repeat it is held, and went down before. */
  noteKey(chord: string, repeat: boolean): void {
    const action = /^\d$/.test(chord) ? 'change-class' : actionOf.get(chord);
    this.#last = { chord, action, repeat, sampleId: this.#shown(), at: this.#now() };
    this.#forgetOld();
    if (action !== undefined) this.#keys.push(this.#last);
  }

  /** The user went on with something else than keys: a command that no known key explains is then called by that. */
  noteOther(): void {
    this.#last = null;
  }

  take({ action, classId }: Command): void {
    const { prompt, selected } = this.#store.getState();
    this.#forgetOld();
    const own = this.#takeOwn(action);
    const key = own ?? this.#last;
    const reason = action === 'change-class' && classId !== undefined ? rejectReasons[classId] : undefined;
    const wanted = prompt === 'reject' && reason !== undefined ? reason : action;
    if (key !== null && key.repeat && onceAPress.has(wanted)) return;
    // Its image has gone: the one that is shown now would be judged unseen.
    if (key !== null && key.sampleId !== this.#shown() && verdictActions.has(wanted)) return;
    if (!isFor(prompt, wanted)) return;
    if (selected !== null && (own?.chord === 'ArrowLeft' || own?.chord === 'ArrowRight')) {
      if (isFor(prompt, 'delete-box')) this.#performer.nudge(own.chord === 'ArrowRight' ? 1 : -1, 0);
      return;
    }
    if (wanted === 'change-class' && classId !== undefined) return this.#performer.chooseClass(classId);
    // Past the last edit the next step back would be a verdict, and then the one before it.
    if (wanted === 'undo-edit' && key?.repeat === true) this.#performer.undoEdit();
    else this.#performer.perform(wanted);
  }

  #shown(): number | null {
    return this.#store.getState().host?.current?.sampleId ?? null;
  }

  #takeOwn(action: Command['action']): LeftKey | null {
    const own = this.#keys.find((key) => key.action === action);
    if (own === undefined) return null;
    this.#keys = this.#keys.filter((key) => key !== own);
    // It is answered, and explains no further command.
    if (this.#last === own) this.#last = null;
    return own;
  }

  #forgetOld(): void {
    const isNew = ({ at }: LeftKey): boolean => this.#now() - at < keyLimit;
    this.#keys = this.#keys.filter(isNew);
    if (this.#last !== null && !isNew(this.#last)) this.#last = null;
  }
}

/** Whether the action is for the page while it asks something: what is behind a question is neither judged nor changed. */
function isFor(prompt: Prompt | null, action: PanelAction): boolean {
  switch (prompt) {
    case null:
      return true;
    // A name is being typed: what was pressed before the field had the focus belongs to it.
    case 'class':
      return false;
    case 'reject':
      return behindQuestion.has(action) || action === 'reject' || rejectReasons.some((reason) => reason === action);
    // The key that asked must not answer: whoever presses it image after image would label background unseen.
    case 'background':
      return action !== 'accept' && action !== 'save-corrections';
    case 'keys':
      return action === 'show-keys' || !(onceAPress.has(action) || editsBoxes.has(action));
  }
}

/** Looking goes on while the reason of a rejection is asked. */
const behindQuestion: ReadonlySet<PanelAction> = new Set(['next', 'previous', 'zoom-in', 'zoom-out', 'zoom-fit']);
