import type { ReviewAction } from '../../extension/src/protocol/review.ts';
import { actionOf } from '../src/review/model/actions.ts';
import { chordOf } from '../src/review/model/keys.ts';
import type { MemoryReview } from './memoryReview.ts';

/**
 * Does what VS Code does with a key that the page leaves to it: the command of the keybinding in `package.json` comes
 * back to the page. @param more keybindings of the user by chord, and those that were taken away as null.
 * @returns what ends it.
 */
export function listenAsVscode(
  review: MemoryReview,
  more: ReadonlyMap<string, ReviewAction | null> = new Map(),
): () => void {
  const { channel } = review.host;
  const onKeyDown = (event: KeyboardEvent): void => {
    const chord = chordOf(event);
    if (/^[0-9]$/.test(chord)) {
      return channel.send('review/action', { action: 'change-class', classId: chord === '0' ? 9 : Number(chord) - 1 });
    }
    const action = more.has(chord) ? more.get(chord) : actionOf.get(chord);
    if (action !== undefined && action !== null && action !== 'escape') channel.send('review/action', { action });
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}
