/** What is known of a key press; DOM and React events both fit. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/**
 * One name for a key with its modifiers, such as `A`, `Shift+ArrowUp`, `Ctrl+Z` or `?`. Control and Command are both
 * `Ctrl`. On layouts without Latin letters the key's place counts.
 */
export function chordOf(press: KeyPress): string {
  const key = nameOf(press);
  const isLetter = /^[A-Z]$/.test(key);
  const parts = [
    press.ctrlKey || press.metaKey ? 'Ctrl' : '',
    press.altKey ? 'Alt' : '',
    // A sign such as ? already tells that Shift was held.
    press.shiftKey && (isLetter || key.length > 1) ? 'Shift' : '',
    key,
  ];
  return parts.filter((part) => part !== '').join('+');
}

/**
 * Whether a text field does something with the press: a character, the caret, an edit. Function keys and what is held
 * with Control or Command are left to VS Code, unless they are caret keys.
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

/** The chord as it stands on a button. */
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
