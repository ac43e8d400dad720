import { describe, expect, it } from 'vitest';
import { actions, keyMap, rejectKeys } from './actions.ts';
import { chordOf, isTyping, keyLabel, type KeyPress, normaliseChord } from './keys.ts';

function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
  return { key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more };
}

describe('keys', () => {
  it.each([
    [press('a'), 'A'],
    [press('A', { shiftKey: true }), 'Shift+A'],
    [press('?', { shiftKey: true }), '?'],
    [press('z', { metaKey: true, shiftKey: true }), 'Ctrl+Shift+Z'],
    [press('ArrowUp', { altKey: true }), 'Alt+ArrowUp'],
    [press(' '), 'Space'],
    [press('ф', { code: 'KeyA' }), 'A'],
    [press('+', { shiftKey: true }), '+'],
  ])('have one name: %o is %s', (given, chord) => {
    expect(chordOf(given)).toBe(chord);
  });

  it.each([
    ['f', 'F'],
    ['ctrl+shift+f', 'Ctrl+Shift+F'],
    ['Cmd+Enter', 'Ctrl+Enter'],
    ['shift+alt+left', 'Alt+Shift+ArrowLeft'],
    ['ctrl++', 'Ctrl++'],
    ['pagedown', 'PageDown'],
  ])('may be written in a setting as %s', (text, chord) => {
    expect(normaliseChord(text)).toBe(chord);
  });

  it('are typed text only without modifiers', () => {
    expect(isTyping(press('a'))).toBe(true);
    expect(isTyping(press('a', { ctrlKey: true }))).toBe(false);
    expect(isTyping(press('Escape'))).toBe(false);
  });

  it('have short labels', () => {
    expect(keyLabel('Ctrl+Z')).toBe('Ctrl+Z');
    expect(keyLabel('Ctrl+Z', true)).toBe('⌘Z');
    expect(keyLabel('+')).toBe('+');
  });
});

describe('the table of actions', () => {
  it('gives each key to one action', () => {
    const all = Object.values(actions).flatMap((entry) => entry.keys);
    expect(new Set(all).size).toBe(all.length);
    for (const key of all) expect(normaliseChord(key)).toBe(key);
  });

  it('leaves the digits and Space to classes and panning', () => {
    const all = Object.values(actions).flatMap((entry) => entry.keys);
    expect(all.filter((key) => /^\d$|^Space$|^Tab$/.test(key))).toEqual([]);
  });

  it('takes over the keys of a setting, and takes them from their former action', () => {
    const keys = keyMap({ accept: ['s', 'ctrl+g'], skip: [] });
    expect(keys.keyOf('accept')).toBe('S');
    expect(keys.actionOf.get('S')).toBe('accept');
    expect(keys.actionOf.get('Ctrl+G')).toBe('accept');
    expect(keys.actionOf.get('A')).toBeUndefined();
    expect(keys.keysOf('skip')).toEqual([]);
  });

  it('is not troubled by nonsense in a setting', () => {
    const nonsense = { accept: 'F', reject: [7], unknown: ['S'] } as unknown as Parameters<typeof keyMap>[0];
    const keys = keyMap(nonsense);
    expect(keys.actionOf.get('A')).toBe('accept');
    expect(keys.actionOf.get('S')).toBe('skip');
    expect(keys.keysOf('reject')).toEqual([]);
  });

  it('has a digit for every reason to reject', () => {
    expect([rejectKeys['1'], rejectKeys['2'], rejectKeys['3']]).toEqual([
      'reject-background',
      'reject-unusable',
      'reject-later',
    ]);
  });
});
