import type { ReviewAction } from '../../../../extension/src/protocol/review.ts';
import { actionByKey } from '../model/actions.ts';
import { chordOf } from '../model/keys.ts';
import type { MemoryReview } from './memoryReview.ts';

/**
 * Simulates VS Code, which sends the command of a keybinding in `package.json` back to the page.
 * @param more keybindings of the user by chord; null for removed ones.
 * @param answer sends the command, immediately or later.
 * @returns a function that stops the simulation.
 */
export function listenAsVscode(
  review: MemoryReview,
  more: ReadonlyMap<string, ReviewAction | null> = new Map(),
  answer: (send: () => void) => void = (send) => send(),
): () => void {
  const { channel } = review.host;
  const onKeyDown = (event: KeyboardEvent): void => {
    const chord = chordOf(event);
    if (/^[0-9]$/.test(chord)) {
      const classId = chord === '0' ? 9 : Number(chord) - 1;
      return answer(() => channel.send('review/action', { action: 'change-class', classId }));
    }
    const action = more.has(chord) ? more.get(chord) : actionByKey.get(chord);
    if (action === undefined || action === null || action === 'escape') return;
    answer(() => channel.send('review/action', { action }));
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}
