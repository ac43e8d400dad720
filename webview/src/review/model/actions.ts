import type { ReviewAction } from '../../../../extension/src/protocol/review.ts';
import type { ReviewString } from '../../../../extension/src/protocol/reviewStrings.ts';
import { normaliseChord } from './keys.ts';

/** What only keys and buttons of the page do; VS Code has no command for them. */
export type LocalAction = 'toggle-keep' | 'undo-edit' | 'redo-edit' | 'show-keys' | 'escape';
export type PanelAction = ReviewAction | LocalAction;

export interface ActionEntry {
  readonly title: ReviewString;
  /** Default keys, the one to show first. */
  readonly keys: readonly string[];
  readonly group: 'verdict' | 'boxes' | 'view';
}

/**
 * Every action with its default keys: the only such table.
 *
 * How keys work. The page handles these keys itself, without a round trip to the host, and stops the event, so that
 * VS Code never sees a key twice. Keys that are not here travel on to VS Code, where the user may have bound them to a
 * command; the host then sends `review/action`, which does the same as the key. `keys` of the `review/ready` reply
 * (from a setting) replaces the defaults of an action; an empty list leaves the action to VS Code's keybindings alone.
 * With a box selected, arrows move it instead; digits give it a class. Tab walks through the boxes on the canvas.
 */
export const actions: Readonly<Record<PanelAction, ActionEntry>> = {
  accept: { title: 'Accept', keys: ['A', 'Enter'], group: 'verdict' },
  'save-corrections': { title: 'Save corrections', keys: ['Ctrl+S', 'Ctrl+Enter'], group: 'verdict' },
  reject: { title: 'Reject…', keys: ['R'], group: 'verdict' },
  'reject-background': { title: 'Reject: nothing here', keys: ['B'], group: 'verdict' },
  'reject-unusable': { title: 'Reject: unusable image', keys: ['X'], group: 'verdict' },
  'reject-later': { title: 'Reject: label later', keys: ['L'], group: 'verdict' },
  skip: { title: 'Skip', keys: ['S'], group: 'verdict' },
  undo: { title: 'Undo last verdict', keys: ['U'], group: 'verdict' },
  next: { title: 'Next image', keys: ['ArrowRight', 'PageDown'], group: 'view' },
  previous: { title: 'Previous image', keys: ['ArrowLeft', 'PageUp'], group: 'view' },
  'next-box': { title: 'Next box', keys: ['.'], group: 'boxes' },
  'previous-box': { title: 'Previous box', keys: [','], group: 'boxes' },
  'toggle-keep': { title: 'Keep or drop the box', keys: ['K'], group: 'boxes' },
  'delete-box': { title: 'Delete box', keys: ['Delete', 'Backspace'], group: 'boxes' },
  'draw-box': { title: 'Draw a box', keys: ['D'], group: 'boxes' },
  'change-class': { title: 'Change class', keys: ['C'], group: 'boxes' },
  'undo-edit': { title: 'Undo edit', keys: ['Ctrl+Z'], group: 'boxes' },
  'redo-edit': { title: 'Redo edit', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], group: 'boxes' },
  'zoom-in': { title: 'Zoom in', keys: ['+', '='], group: 'view' },
  'zoom-out': { title: 'Zoom out', keys: ['-'], group: 'view' },
  'zoom-fit': { title: 'Fit image', keys: ['F'], group: 'view' },
  'toggle-boxes': { title: 'Hide or show boxes', keys: ['H'], group: 'view' },
  'show-keys': { title: 'Keyboard help', keys: ['?'], group: 'view' },
  escape: { title: 'Cancel or deselect', keys: ['Escape'], group: 'boxes' },
};

/** Actions that must not happen again and again while a key is held. */
export const onceAPress: ReadonlySet<PanelAction> = new Set<PanelAction>([
  'accept',
  'save-corrections',
  'reject',
  'reject-background',
  'reject-unusable',
  'reject-later',
  'skip',
  'undo',
  'toggle-keep',
  'toggle-boxes',
  'draw-box',
  'change-class',
  'show-keys',
]);

export type KeyOverrides = Readonly<Partial<Record<ReviewAction, readonly string[]>>>;

export interface KeyMap {
  readonly actionOf: ReadonlyMap<string, PanelAction>;
  /** The first key of an action; undefined where it has none. */
  readonly keyOf: (action: PanelAction) => string | undefined;
  readonly keysOf: (action: PanelAction) => readonly string[];
}

/** The keys in force. A key that an override claims is taken from the action that had it by default. */
export function keyMap(overrides: KeyOverrides = {}): KeyMap {
  const names = Object.keys(actions) as PanelAction[];
  // From a setting: anything may stand in it.
  const given = new Map<PanelAction, readonly string[]>();
  for (const name of names) {
    const own: unknown = (overrides as Partial<Record<PanelAction, unknown>>)[name];
    if (Array.isArray(own)) given.set(name, own.filter((key) => typeof key === 'string').map(normaliseChord));
  }
  const claimed = new Set([...given.values()].flat());
  const keys = new Map<PanelAction, readonly string[]>();
  const actionOf = new Map<string, PanelAction>();
  for (const name of names) {
    const mine = given.get(name) ?? actions[name].keys.filter((key) => !claimed.has(key));
    keys.set(name, mine);
    for (const key of mine) actionOf.set(key, name);
  }
  return {
    actionOf,
    keyOf: (action) => keys.get(action)?.[0],
    keysOf: (action) => keys.get(action) ?? [],
  };
}

/** The second key of a rejection. */
export const rejectKeys: Readonly<Record<string, 'reject-background' | 'reject-unusable' | 'reject-later'>> = {
  '1': 'reject-background',
  B: 'reject-background',
  '2': 'reject-unusable',
  U: 'reject-unusable',
  X: 'reject-unusable',
  '3': 'reject-later',
  L: 'reject-later',
};
