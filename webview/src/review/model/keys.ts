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

/** A chord as a person may write it in a setting (`ctrl+f`, `f`, `enter`), as `chordOf` names it. */
export function normaliseChord(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length <= 1) return trimmed.toUpperCase();
  const parts = trimmed.endsWith('++') ? [...trimmed.slice(0, -2).split('+'), '+'] : trimmed.split('+');
  const modifiers = new Set(parts.slice(0, -1).map((part) => modifierNames[part.trim().toLowerCase()] ?? part));
  const last = (parts.at(-1) ?? '').trim();
  const key = last.length === 1 ? last.toUpperCase() : (keyNames[last.toLowerCase()] ?? last);
  return [...['Ctrl', 'Alt', 'Shift'].filter((name) => modifiers.has(name)), key].join('+');
}

const modifierNames: Readonly<Record<string, string>> = {
  ctrl: 'Ctrl',
  control: 'Ctrl',
  cmd: 'Ctrl',
  meta: 'Ctrl',
  alt: 'Alt',
  option: 'Alt',
  shift: 'Shift',
};

const keyNames: Readonly<Record<string, string>> = Object.fromEntries([
  ...['Delete', 'Backspace', 'Enter', 'Escape', 'Tab', 'Space', 'Home', 'End', 'Insert'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
  ...['Left', 'Right', 'Up', 'Down'].flatMap((name) => [
    [name.toLowerCase(), `Arrow${name}`],
    [`arrow${name.toLowerCase()}`, `Arrow${name}`],
  ]),
  ...['Up', 'Down'].map((name) => [`page${name.toLowerCase()}`, `Page${name}`]),
  ...Array.from({ length: 12 }, (_, index) => [`f${index + 1}`, `F${index + 1}`]),
]);

/** Whether the press writes a character into a text field. */
export function isTyping(press: KeyPress): boolean {
  return press.key.length === 1 && !press.ctrlKey && !press.metaKey && !press.altKey;
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
