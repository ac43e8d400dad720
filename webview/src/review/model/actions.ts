import type { ReviewAction } from '../../../../extension/src/protocol/review.ts';
import type { ReviewString } from '../../../../extension/src/protocol/reviewStrings.ts';

/** Everything that keys and buttons do. Escape alone is no command of VS Code. */
export type PanelAction = ReviewAction | 'escape';

export interface ActionEntry {
  readonly title: ReviewString;
  /** The keys that it comes with, the one to show first. */
  readonly keys: readonly string[];
  readonly group: 'verdict' | 'boxes' | 'view';
}

/**
 * Every action with the keys that it comes with, as buttons and the help show them.
 *
 * How keys work. Each action is a command of VS Code, and its keys are keybindings in `package.json`, which say the same
 * as this table (a test holds them together). The page lets these keys travel on to VS Code; the command comes back as
 * `review/action`. So a user's keybinding wins as everywhere in VS Code. The page keeps what depends on what it shows:
 * the answers to a question, Escape, text in a field, and arrows, which move a selected box.
 */
export const actions: Readonly<Record<PanelAction, ActionEntry>> = {
  accept: { title: 'Accept', keys: ['A', 'Enter'], group: 'verdict' },
  'save-corrections': { title: 'Save corrections', keys: ['Ctrl+S', 'Ctrl+Enter'], group: 'verdict' },
  reject: { title: 'Reject…', keys: ['R'], group: 'verdict' },
  'reject-background': { title: 'Reject: no objects', keys: ['B'], group: 'verdict' },
  'reject-unusable': { title: 'Reject: unusable image', keys: ['X'], group: 'verdict' },
  'reject-later': { title: 'Reject: label later', keys: ['L'], group: 'verdict' },
  skip: { title: 'Skip', keys: ['S'], group: 'verdict' },
  undo: { title: 'Undo last verdict', keys: ['U'], group: 'verdict' },
  next: { title: 'Next image', keys: ['ArrowRight', 'PageDown'], group: 'view' },
  previous: { title: 'Previous image', keys: ['ArrowLeft', 'PageUp'], group: 'view' },
  'next-box': { title: 'Next box', keys: ['.'], group: 'boxes' },
  'previous-box': { title: 'Previous box', keys: [','], group: 'boxes' },
  'toggle-keep': { title: 'Keep or remove the box', keys: ['K'], group: 'boxes' },
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

/** Actions that judge the image that is shown, or begin to. */
export const verdictActions: ReadonlySet<PanelAction> = new Set<PanelAction>([
  'accept',
  'save-corrections',
  'reject',
  'reject-background',
  'reject-unusable',
  'reject-later',
  'skip',
]);

/** Actions that must not happen again and again while a key is held. */
export const onceAPress: ReadonlySet<PanelAction> = new Set<PanelAction>([
  ...verdictActions,
  'undo',
  'toggle-keep',
  'toggle-boxes',
  'draw-box',
  'change-class',
  'show-keys',
]);

/** Actions that change boxes, again and again while a key is held. */
export const editsBoxes: ReadonlySet<PanelAction> = new Set<PanelAction>(['delete-box', 'undo-edit', 'redo-edit']);

/** The action of a key that it comes with. */
export const actionOf: ReadonlyMap<string, PanelAction> = new Map(
  (Object.keys(actions) as PanelAction[]).flatMap((name) => actions[name].keys.map((key) => [key, name])),
);

/** Whether an action goes on while its key is held. */
export function mayRepeat(action: PanelAction | undefined): boolean {
  return action !== undefined && !onceAPress.has(action);
}

/** The reasons of a rejection, as the question counts them. */
export const rejectReasons = ['reject-background', 'reject-unusable', 'reject-later'] as const;
