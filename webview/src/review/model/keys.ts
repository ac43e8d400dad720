/** The part of a keyboard event of the DOM or React that decides its chord. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/**
 * The name of a key with its modifiers, such as `A`, `Shift+ArrowUp`, `Ctrl+Z` or `?`. Control and Command are both
 * `Ctrl`. On layouts without Latin letters, the position of the key decides.
 */
export function chordOf(press: KeyPress): string {
  const key = nameOf(press);
  const isLetter = /^[A-Z]$/.test(key);
  const parts = [
    press.ctrlKey || press.metaKey ? 'Ctrl' : '',
    press.altKey ? 'Alt' : '',
    // A sign such as ? already includes Shift.
    press.shiftKey && (isLetter || key.length > 1) ? 'Shift' : '',
    key,
  ];
  return parts.filter((part) => part !== '').join('+');
}

/**
 * Whether a text field handles the key: to type, to move the caret or to edit. Function keys and keys with Control or
 * Command are left to VS Code, unless they move the caret.
 */
export function isForText(press: KeyPress): boolean {
  if (/^(Arrow|Page|Home|End|Backspace|Delete|Insert|Enter|Tab)/.test(press.key)) return true;
  return press.key !== 'Escape' && !/^F\d+$/.test(press.key) && !press.ctrlKey && !press.metaKey;
}

const labels: Readonly<Record<string, string>> = {
  Delete: 'Del',
  Backspace: '⌫',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  Escape: 'Esc',
};

/** The label of a chord on a button. */
export function keyLabel(chord: string, isMac = false): string {
  const parts = chord === '+' ? ['+'] : chord.split('+');
  const named = parts.map((part) => {
    if (isMac && part === 'Ctrl') return '⌘';
    if (isMac && part === 'Alt') return '⌥';
    return labels[part] ?? part;
  });
  return named.join(isMac ? '' : '+');
}

function nameOf({ key, code }: KeyPress): string {
  if (key.length > 1) return key;
  if (/^[a-zA-Z]$/.test(key)) return key.toUpperCase();
  // Alt on a Mac, and layouts such as Russian or Greek, turn letters into other characters.
  if (key.charCodeAt(0) > 127 && /^Key[A-Z]$/.test(code)) return code.slice(3);
  return key === ' ' ? 'Space' : key;
}
