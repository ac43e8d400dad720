import { useEffect } from 'react';
import { onceAPress, rejectKeys } from '../model/actions.ts';
import { chordOf, isTyping } from '../model/keys.ts';
import type { ReviewPanel } from '../panel/reviewPanel.ts';

/** Lets the panel's keys work wherever the focus is, except where it types or operates a control. */
export function useKeys(panel: ReviewPanel): void {
  useEffect(() => {
    // In the bubbling phase: a component that handles a key itself stops it before. VS Code listens on the window,
    // so a key that is stopped here never reaches its keybindings.
    const onKeyDown = (event: KeyboardEvent): void => {
      panel.noteActivity();
      if (event.defaultPrevented || event.isComposing) return;
      if (handleKey(panel, event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    const onPointer = (): void => panel.noteActivity();
    document.addEventListener('keydown', onKeyDown);
    document.addEventListener('pointermove', onPointer, { passive: true });
    document.addEventListener('pointerdown', onPointer, { passive: true });
    document.addEventListener('wheel', onPointer, { passive: true });
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('pointermove', onPointer);
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('wheel', onPointer);
    };
  }, [panel]);
}

/** @returns whether the key was one of ours. */
function handleKey(panel: ReviewPanel, event: KeyboardEvent): boolean {
  const where = focusKind(event);
  if (where === 'text') {
    // Whoever types a name must not trigger a keybinding of one letter.
    if (isTyping(event)) event.stopPropagation();
    return false;
  }
  const chord = chordOf(event);
  if (where === 'slider' && /^(Arrow|Page|Home|End)/.test(chord)) return false;
  if (where === 'button' && (chord === 'Enter' || chord === 'Space')) return false;
  return (
    handlePrompt(panel, chord, event.repeat) ||
    handleDigitOrArrow(panel, chord) ||
    handleAction(panel, chord, event.repeat)
  );
}

function handlePrompt(panel: ReviewPanel, chord: string, repeat: boolean): boolean {
  const { prompt } = panel.store.getState();
  const action = panel.keys.actionOf.get(chord);
  if (prompt === 'reject') {
    const reason = rejectKeys[chord];
    if (reason !== undefined && !repeat) panel.performer.perform(reason);
    return reason !== undefined || action === 'accept' || action === 'skip';
  }
  if (prompt !== 'background') return false;
  if (chord === 'N') panel.performer.perform('escape');
  if ((chord === 'Y' || chord === 'Enter') && !repeat) panel.performer.perform('accept');
  // The key that asked must not answer: whoever presses it image after image would label background unseen.
  return chord === 'N' || chord === 'Y' || action === 'accept';
}

function handleDigitOrArrow(panel: ReviewPanel, chord: string): boolean {
  const { performer, store } = panel;
  if (/^[0-9]$/.test(chord)) {
    performer.chooseClass(chord === '0' ? 9 : Number(chord) - 1);
    return true;
  }
  const parts = chord.split('+');
  const [dx, dy] = arrows[parts.at(-1) ?? ''] ?? [0, 0];
  if ((dx === 0 && dy === 0) || store.getState().selected === null || parts.includes('Ctrl')) return false;
  const shift = parts.includes('Shift');
  if (!parts.includes('Alt')) performer.nudge(dx * (shift ? 10 : 1), dy * (shift ? 10 : 1));
  else performer.nudge(dx, dy, shift ? 'near' : 'far');
  return true;
}

function handleAction(panel: ReviewPanel, chord: string, repeat: boolean): boolean {
  const action = panel.keys.actionOf.get(chord);
  if (action === undefined) return false;
  if (repeat && onceAPress.has(action)) return true;
  if (chord === 'Enter' && panel.performer.canvas?.finish() === true) return true;
  panel.performer.perform(action);
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
    if (/^(button|a|summary|vscode-button|vscode-link|vscode-checkbox)$/i.test(element.tagName)) return 'button';
  }
  return 'page';
}
