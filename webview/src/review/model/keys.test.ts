import { describe, expect, it } from 'vitest';
import { actions, rejectReasons } from './actions.ts';
import { chordOf, isForText, keyLabel, type KeyPress } from './keys.ts';

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
  ])('have a unique name: %o is %s', (given, chord) => {
    expect(chordOf(given)).toBe(chord);
  });

  it.each([
    [press('a'), true],
    [press('A', { shiftKey: true }), true],
    [press('ArrowLeft'), true],
    [press('ArrowLeft', { ctrlKey: true, shiftKey: true }), true],
    [press('Delete'), true],
    [press('Home'), true],
    [press('p', { ctrlKey: true, shiftKey: true }), false],
    [press('F1'), false],
    [press('Escape'), false],
  ])('belong to a text field or not: %o', (given, forText) => {
    expect(isForText(given)).toBe(forText);
  });

  it('have short labels', () => {
    expect(keyLabel('Ctrl+Z')).toBe('Ctrl+Z');
    expect(keyLabel('Ctrl+Z', true)).toBe('⌘Z');
    expect(keyLabel('+')).toBe('+');
  });
});

describe('the table of actions', () => {
  it('assigns each key to one action', () => {
    const all = Object.values(actions).flatMap((entry) => entry.keys);
    expect(new Set(all).size).toBe(all.length);
  });

  it('reserves the digits for classes and Space for panning', () => {
    const all = Object.values(actions).flatMap((entry) => entry.keys);
    expect(all.filter((key) => /^\d$|^Space$|^Tab$/.test(key))).toEqual([]);
  });

  it('has the reasons for a rejection in the order of the question', () => {
    expect(rejectReasons).toEqual(['reject-background', 'reject-unusable', 'reject-later']);
  });
});
