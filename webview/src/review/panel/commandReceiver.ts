import type { ReviewFromHost } from '../../../../extension/src/protocol/review.ts';
import {
  actionByKey,
  boxEditingActions,
  oncePerPress,
  type PanelAction,
  rejectReasons,
  verdictActions,
} from '../model/actions.ts';
import type { Prompt } from '../model/state.ts';
import { t } from '../strings.ts';
import type { ActionPerformer } from './actionPerformer.ts';
import type { ReviewStore } from '../model/reducer.ts';

type Command = ReviewFromHost['events']['review/action'];

/** A key that the page left to VS Code, and the state of the page at that time. */
interface LeftKey {
  readonly chord: string;
  /** The action of the key by default. */
  readonly action: PanelAction | undefined;
  readonly repeat: boolean;
  /** The sample on the screen. */
  readonly sampleId: number | null;
  readonly at: number;
  /** How often it was pressed without a command yet, one press after the other. */
  readonly presses: number;
}

/** Milliseconds. A key cannot be the cause of a command that arrives later. */
const keyLimit = 5000;
/** Milliseconds. A key that runs several commands runs them at once. */
const moreCommands = 300;

/**
 * Receives the commands of VS Code, most of which answer a key of this page. They arrive a moment after the key and in the
 * order of the keys, so a command acts on the state that the previous keys left. But a verdict is only for the image that
 * was shown when its key was pressed.
 */
export class CommandReceiver {
  readonly #store: ReviewStore;
  readonly #performer: ActionPerformer;
  readonly #now: () => number;
  /** Keys whose command has not arrived, the oldest first. */
  #keys: LeftKey[] = [];
  /** Moves of a box whose keys came before the command that lets them move it. */
  #moves: (() => void)[] = [];
  /** The last key, which explains a command whose default keys were not pressed. */
  #last: LeftKey | null = null;

  constructor(store: ReviewStore, performer: ActionPerformer, now: () => number) {
    this.#store = store;
    this.#performer = performer;
    this.#now = now;
  }

  /** Records a key that the page leaves to VS Code. @param repeat whether the key is held. */
  noteKey(chord: string, repeat: boolean): void {
    const action = /^\d$/.test(chord) ? 'change-class' : actionByKey.get(chord);
    this.#forgetOld();
    const presses = this.#last?.chord === chord ? this.#last.presses + 1 : 1;
    this.#last = { chord, action, repeat, sampleId: this.#store.getState().painted, at: this.#now(), presses };
    if (action !== undefined) this.#keys.push(this.#last);
  }

  /** Moves the box as soon as the command of a key that was pressed before arrives. @returns false without such a key. */
  moveLater(move: () => void): boolean {
    this.#forgetOld();
    if (!this.#keys.some(({ action }) => action === 'move-box')) return false;
    this.#moves.push(move);
    return true;
  }

  /** Records other input than keys. It explains the next command without a matching key. */
  noteOtherInput(): void {
    this.#last = null;
  }

  receive({ action, classId }: Command): void {
    const { prompt, moving } = this.#store.getState();
    this.#forgetOld();
    const own = this.#matchKey(action);
    const key = own ?? this.#last;
    if (own === null && this.#last !== null) this.#last = this.#afterCommand(this.#last);
    const reason = action === 'change-class' && classId !== undefined ? rejectReasons[classId] : undefined;
    const wanted = prompt === 'reject' && reason !== undefined ? reason : action;
    if (key !== null && key.repeat && oncePerPress.has(wanted)) return;
    // Another image is open than the one on the screen when the key was pressed.
    if (key !== null && key.sampleId !== this.#currentSample() && verdictActions.has(wanted)) {
      return this.#performer.refuse(t('The next image is not shown yet. Press the key again.'));
    }
    if (!isAllowed(prompt, wanted)) {
      if (prompt !== 'class') this.#performer.refuse(t('Answer the question first, or press Escape.'));
      return;
    }
    // While the arrow keys move a box, one that scrolls the help does not change the image.
    if (moving && (own?.chord === 'ArrowLeft' || own?.chord === 'ArrowRight')) return;
    if (wanted === 'change-class' && classId !== undefined) return this.#performer.boxes.chooseClass(classId);
    this.#performer.perform(wanted);
    if (wanted !== 'move-box') return;
    const moves = this.#store.getState().moving ? this.#moves : [];
    this.#moves = [];
    for (const move of moves) move();
  }

  /** A key whose commands have all come explains no later one, such as one from the palette. */
  #afterCommand(key: LeftKey): LeftKey {
    const presses = key.presses - 1;
    return { ...key, presses, at: presses > 0 ? key.at : Math.min(key.at, this.#now() - keyLimit + moreCommands) };
  }

  #currentSample(): number | null {
    return this.#store.getState().host?.current?.sampleId ?? null;
  }

  #matchKey(action: Command['action']): LeftKey | null {
    const own = this.#keys.find((key) => key.action === action);
    if (own === undefined) return null;
    this.#keys = this.#keys.filter((key) => key !== own);
    // This key press has been matched; don't match it again.
    if (this.#last === own) this.#last = null;
    return own;
  }

  #forgetOld(): void {
    const isNew = ({ at }: LeftKey): boolean => this.#now() - at < keyLimit;
    this.#keys = this.#keys.filter(isNew);
    if (this.#last !== null && !isNew(this.#last)) this.#last = null;
  }
}

/** Whether an action is allowed while a question is open. Verdicts and edits are not. */
function isAllowed(prompt: Prompt | null, action: PanelAction): boolean {
  switch (prompt) {
    case null:
      return true;
    // The user is typing a name. Keys pressed before the field got the focus were meant for it.
    case 'class':
      return false;
    case 'reject':
      return viewActions.has(action) || action === 'reject' || rejectReasons.some((reason) => reason === action);
    // The key that asked must not answer: a user who presses it for each image would label background by accident.
    case 'background':
      return action !== 'accept' && action !== 'save-corrections';
    case 'confident':
      return action === 'accept-confident';
    case 'keys':
      return action === 'show-keys' || !(oncePerPress.has(action) || boxEditingActions.has(action));
  }
}

/** Actions that are allowed while the page asks for the reason of a rejection. */
const viewActions: ReadonlySet<PanelAction> = new Set(['next', 'previous', 'zoom-in', 'zoom-out', 'zoom-fit']);
