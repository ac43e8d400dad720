import type { ReviewAction } from '../../../../extension/src/protocol/review.ts';
import { actionOf } from '../model/actions.ts';
import { chordOf } from '../model/keys.ts';
import type { MemoryReview } from './memoryReview.ts';

/**
 * Does what VS Code does with a key that the page leaves to it: the command of the keybinding in `package.json` comes
 * back to the page. @param more keybindings of the user by chord, and those that were taken away as null.
 * @param answer sends the command, at once or later, as the real VS Code does. @returns what ends it.
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
    const action = more.has(chord) ? more.get(chord) : actionOf.get(chord);
    if (action === undefined || action === null || action === 'escape') return;
    answer(() => channel.send('review/action', { action }));
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}
