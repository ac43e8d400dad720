import { useEffect } from 'react';
import { actionByKey, mayRepeat, type PanelAction, rejectReasons } from '../model/actions.ts';
import { chordOf, isForText } from '../model/keys.ts';
import type { ReviewPanel } from '../panel/reviewPanel.ts';

/** Handles keys: the focused control, the page or VS Code receives each key. */
export function useKeys(panel: ReviewPanel): void {
  useEffect(() => {
    // In the bubbling phase, so that a component can stop a key that it handles itself. VS Code listens on the window and
    // does not know what is focused in the page. Stop all keys that must not trigger a keybinding.
    const onKeyDown = (event: KeyboardEvent): void => {
      panel.noteActivity();
      if (event.defaultPrevented) return;
      const chord = chordOf(event);
      const action = actionByKey.get(chord);
      let owner = keyOwner(panel, event);
      // The user may have bound a verdict to a held key. Its commands would arrive after the key is released.
      if (owner === 'editor' && event.repeat && !mayRepeat(action)) owner = movesView(event) ? 'control' : 'page';
      if (owner === 'editor') panel.commands.noteKey(chord, event.repeat);
      else event.stopPropagation();
      // A key with a command must not scroll the page.
      if (owner === 'page' || (owner === 'editor' && action !== undefined)) event.preventDefault();
    };
    const onKeyUp = (event: KeyboardEvent): void => {
      if (chordOf(event).split('+').at(-1) === peekKey) panel.performer.canvas?.peek(false);
    };
    const onPointer = (): void => panel.noteActivity();
    const onPress = (): void => {
      panel.noteActivity();
      panel.commands.noteOtherInput();
    };
    const onBlur = (): void => {
      panel.performer.canvas?.peek(false);
      panel.commands.noteOtherInput();
    };
    document.addEventListener('keydown', onKeyDown);
    document.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', onBlur);
    document.addEventListener('pointermove', onPointer, { passive: true });
    document.addEventListener('pointerdown', onPress, { passive: true });
    document.addEventListener('wheel', onPointer, { passive: true });
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('keyup', onKeyUp);
      window.removeEventListener('blur', onBlur);
      document.removeEventListener('pointermove', onPointer);
      document.removeEventListener('pointerdown', onPress);
      document.removeEventListener('wheel', onPointer);
    };
  }, [panel]);
}

/** While it is held, the best hidden prediction under the pointer is shown. */
const peekKey = 'G';

/** Who handles a key: the focused control, the page or VS Code. */
function keyOwner(panel: ReviewPanel, event: KeyboardEvent): 'control' | 'page' | 'editor' {
  const where = focusKind(event);
  const chord = chordOf(event);
  if (where === 'text') return event.isComposing || isForText(event) ? 'control' : keyOwnerInText(chord);
  if (event.isComposing) return 'editor';
  if (where === 'slider' && /^(Arrow|Page|Home|End)/.test(event.key)) return 'control';
  // A held Enter repeats the click, and the focused button may be a verdict.
  if (where === 'button' && chord === 'Enter' && event.repeat) return 'page';
  if (where === 'button' && (chord === 'Enter' || chord === 'Space')) return 'control';
  if (answerPrompt(panel, chord, event.repeat) || moveBox(panel, chord)) return 'page';
  if (chord === 'Escape') {
    panel.performer.perform('escape');
    return 'page';
  }
  // Held while the user points at the image. A keybinding of VS Code for this key works too.
  if (chord === peekKey) panel.performer.canvas?.peek(true);
  if (chord === 'Enter' && panel.performer.canvas?.finish() === true) return 'page';
  if (isOnOtherKey(chord, event.code)) {
    const action = actionByKey.get(chord);
    if (action !== undefined && action !== 'escape' && (!event.repeat || mayRepeat(action))) {
      panel.commands.noteOtherInput();
      panel.commands.receive({ action });
    }
    return 'page';
  }
  return 'editor';
}

/** The key codes of signs on a US keyboard, which the keybindings assume. */
const usKeyCodes: Readonly<Record<string, readonly string[]>> = {
  '?': ['Slash'],
  '+': ['Equal', 'NumpadAdd'],
};

/** Whether the sign is on a different key than on a US keyboard. VS Code may find no keybinding for it. */
function isOnOtherKey(chord: string, code: string): boolean {
  return usKeyCodes[chord]?.includes(code) === false;
}

/** Whether the browser moves the focus, the caret or the page while the key is held. */
function movesView({ key }: KeyboardEvent): boolean {
  return /^(Tab|Arrow|Home|End)/.test(key);
}

/** In a text field, these keys change or copy the text. The other keys of the page do nothing. */
const textActions: ReadonlySet<PanelAction> = new Set(['undo-edit', 'redo-edit', 'copy-box', 'paste-box']);

function keyOwnerInText(chord: string): 'control' | 'page' | 'editor' {
  const action = actionByKey.get(chord);
  if (action === undefined) return 'editor';
  return textActions.has(action) ? 'control' : 'page';
}

/** @returns whether the key answered the question. */
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
 * Moves the selected box or its edges if the user asked for that, unless a question is open.
 * @returns false if the arrow keys do not move a box, or the key is not an arrow key.
 */
function moveBox(panel: ReviewPanel, chord: string): boolean {
  const { commands, performer, store } = panel;
  const parts = chord.split('+');
  const [dx, dy] = arrows[parts.at(-1) ?? ''] ?? [0, 0];
  if ((dx === 0 && dy === 0) || parts.includes('Ctrl')) return false;
  const { prompt, moving } = store.getState();
  // Arrow keys scroll the help.
  if (prompt === 'keys') return false;
  if (prompt === 'reject' && moving) return true;
  const shift = parts.includes('Shift');
  const move = (): void => {
    if (!parts.includes('Alt')) performer.boxes.nudge(dx * (shift ? 10 : 1), dy * (shift ? 10 : 1));
    else performer.boxes.nudge(dx, dy, shift ? 'near' : 'far');
  };
  if (!moving) return commands.moveLater(move);
  move();
  return true;
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The kind of the focused control. The toolkit's controls contain the real one in a shadow tree. */
function focusKind(event: KeyboardEvent): 'text' | 'slider' | 'button' | 'page' {
  for (const element of event.composedPath()) {
    if (!(element instanceof HTMLElement)) continue;
    if (element instanceof HTMLInputElement) return element.type === 'range' ? 'slider' : 'text';
    if (element instanceof HTMLTextAreaElement || element.isContentEditable) return 'text';
    if (/^(button|a|summary|vscode-button|vscode-link)$/i.test(element.tagName)) return 'button';
  }
  return 'page';
}
