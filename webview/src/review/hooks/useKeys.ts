import { useEffect } from 'react';
import { actionOf, mayRepeat, rejectReasons } from '../model/actions.ts';
import { chordOf, isForText } from '../model/keys.ts';
import type { ReviewPanel } from '../panel/reviewPanel.ts';

/** Sorts the keys: some are for a control with the focus, some for the page, and all others for VS Code. */
export function useKeys(panel: ReviewPanel): void {
  useEffect(() => {
    // In the bubbling phase: a component that handles a key itself stops it before. VS Code listens on the window, and
    // does not know what has the focus in here: a key that must not fire a keybinding is stopped.
    const onKeyDown = (event: KeyboardEvent): void => {
      panel.noteActivity();
      if (event.defaultPrevented) return;
      const chord = chordOf(event);
      const action = actionOf.get(chord);
      let whose = sort(panel, event);
      // Held: the user may have bound a verdict to it, and its commands would come back after the key went up.
      if (whose === 'editor' && event.repeat && !mayRepeat(action)) whose = movesView(event) ? 'control' : 'page';
      if (whose === 'editor') panel.commands.noteKey(chord, event.repeat);
      else event.stopPropagation();
      // A key with a command must not scroll as well.
      if (whose === 'page' || (whose === 'editor' && action !== undefined)) event.preventDefault();
    };
    const onPointer = (): void => panel.noteActivity();
    const onPress = (): void => {
      panel.noteActivity();
      panel.commands.noteOther();
    };
    const onBlur = (): void => panel.commands.noteOther();
    document.addEventListener('keydown', onKeyDown);
    window.addEventListener('blur', onBlur);
    document.addEventListener('pointermove', onPointer, { passive: true });
    document.addEventListener('pointerdown', onPress, { passive: true });
    document.addEventListener('wheel', onPointer, { passive: true });
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('blur', onBlur);
      document.removeEventListener('pointermove', onPointer);
      document.removeEventListener('pointerdown', onPress);
      document.removeEventListener('wheel', onPointer);
    };
  }, [panel]);
}

/** Whose key it is: of the control with the focus, which does what browsers do; of the page; or of VS Code. */
function sort(panel: ReviewPanel, event: KeyboardEvent): 'control' | 'page' | 'editor' {
  const where = focusKind(event);
  const chord = chordOf(event);
  if (where === 'text') return event.isComposing || isForText(event) ? 'control' : sortForText(chord);
  if (event.isComposing) return 'editor';
  if (where === 'slider' && /^(Arrow|Page|Home|End)/.test(event.key)) return 'control';
  // A held Enter clicks a button again and again; the one with the focus may be a verdict.
  if (where === 'button' && chord === 'Enter' && event.repeat) return 'page';
  if (where === 'button' && (chord === 'Enter' || chord === 'Space')) return 'control';
  if (answerPrompt(panel, chord, event.repeat) || moveBox(panel, chord)) return 'page';
  if (chord === 'Escape') {
    panel.performer.perform('escape');
    return 'page';
  }
  if (chord === 'Enter' && panel.performer.canvas?.finish() === true) return 'page';
  if (isElsewhere(chord, event.code)) {
    const action = actionOf.get(chord);
    if (action !== undefined && action !== 'escape' && (!event.repeat || mayRepeat(action))) {
      panel.commands.noteOther();
      panel.commands.take({ action });
    }
    return 'page';
  }
  return 'editor';
}

/** The places of the keys whose keybindings name them by sign and Shift, as on a US keyboard. */
const places: Readonly<Record<string, readonly string[]>> = {
  '?': ['Slash'],
  '+': ['Equal', 'NumpadAdd'],
};

/** Whether the sign stands on another key than on a US keyboard: VS Code may find no keybinding for it there. */
function isElsewhere(chord: string, code: string): boolean {
  return places[chord]?.includes(code) === false;
}

/** Whether a browser moves the focus, the caret or the page by the key; held, it goes on doing so. */
function movesView({ key }: KeyboardEvent): boolean {
  return /^(Tab|Arrow|Home|End)/.test(key);
}

/** Undo is for the text while there is one; the page's other keys do nothing then, nor does what a browser has on them. */
function sortForText(chord: string): 'control' | 'page' | 'editor' {
  const action = actionOf.get(chord);
  if (action === undefined) return 'editor';
  return action === 'undo-edit' || action === 'redo-edit' ? 'control' : 'page';
}

/** @returns whether the key was an answer. */
function answerPrompt(panel: ReviewPanel, chord: string, repeat: boolean): boolean {
  const { prompt } = panel.store.getState();
  if (prompt === 'reject') {
    const reason = /^[1-3]$/.test(chord) ? rejectReasons[Number(chord) - 1] : undefined;
    if (reason !== undefined && !repeat) panel.performer.perform(reason);
    return reason !== undefined;
  }
  if (prompt !== 'background') return false;
  if (chord === 'N') panel.performer.perform('escape');
  if ((chord === 'Y' || chord === 'Enter') && !repeat) panel.performer.perform('accept');
  return chord === 'N' || chord === 'Y' || chord === 'Enter';
}

/**
 * Moves the selected box, or its edges; not behind a question. @returns false where no box is selected, or the key is no
 * arrow.
 */
function moveBox(panel: ReviewPanel, chord: string): boolean {
  const { performer, store } = panel;
  const parts = chord.split('+');
  const [dx, dy] = arrows[parts.at(-1) ?? ''] ?? [0, 0];
  if ((dx === 0 && dy === 0) || store.getState().selected === null || parts.includes('Ctrl')) return false;
  const { prompt } = store.getState();
  // The help scrolls.
  if (prompt === 'keys') return false;
  if (prompt === 'reject') return true;
  const shift = parts.includes('Shift');
  if (!parts.includes('Alt')) performer.nudge(dx * (shift ? 10 : 1), dy * (shift ? 10 : 1));
  else performer.nudge(dx, dy, shift ? 'near' : 'far');
  return true;
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What kind of control has the focus; controls of the toolkit hide their real one in a shadow tree. */
function focusKind(event: KeyboardEvent): 'text' | 'slider' | 'button' | 'page' {
  for (const element of event.composedPath()) {
    if (!(element instanceof HTMLElement)) continue;
    if (element instanceof HTMLInputElement) return element.type === 'range' ? 'slider' : 'text';
    if (element instanceof HTMLTextAreaElement || element.isContentEditable) return 'text';
    if (/^(button|a|summary|vscode-button|vscode-link)$/i.test(element.tagName)) return 'button';
  }
  return 'page';
}
