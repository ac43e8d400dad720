import type { ReviewAction } from '../../../../extension/src/protocol/review.ts';
import type { ReviewString } from '../../../../extension/src/protocol/reviewStrings.ts';

/** All actions of keys and buttons. Only Escape is not a command of VS Code. */
export type PanelAction = ReviewAction | 'escape';

export interface ActionEntry {
  readonly title: ReviewString;
  /** The default keys. Buttons show the first one. */
  readonly keys: readonly string[];
  readonly group: 'verdict' | 'boxes' | 'view';
}

/**
 * All actions with their default keys, as shown on buttons and in the help.
 *
 * Each action is a command of VS Code, and its keys are keybindings in `package.json`; a test compares them with this
 * table. The page leaves these keys to VS Code, which sends the command back as `review/action`, so that the user's own
 * keybindings work. The page itself handles only keys that depend on its state: the answers to a question, Escape, text in
 * a field, and arrow keys while they move a box.
 */
export const actions: Readonly<Record<PanelAction, ActionEntry>> = {
  accept: { title: 'Accept', keys: ['A', 'Enter'], group: 'verdict' },
  'save-corrections': { title: 'Save corrections', keys: ['Ctrl+S', 'Ctrl+Enter'], group: 'verdict' },
  reject: { title: 'Reject…', keys: ['R'], group: 'verdict' },
  'reject-background': { title: 'Reject: no objects', keys: ['B'], group: 'verdict' },
  'reject-unusable': { title: 'Reject: unusable image', keys: ['X'], group: 'verdict' },
  'reject-later': { title: 'Reject: label later', keys: ['L'], group: 'verdict' },
  skip: { title: 'Skip', keys: ['S'], group: 'verdict' },
  'accept-confident': { title: 'Accept confident images…', keys: ['Shift+A'], group: 'verdict' },
  undo: { title: 'Undo verdict', keys: ['U'], group: 'verdict' },
  redo: { title: 'Redo verdict', keys: ['Shift+U'], group: 'verdict' },
  next: { title: 'Next image', keys: ['ArrowRight', 'PageDown'], group: 'view' },
  previous: { title: 'Previous image', keys: ['ArrowLeft', 'PageUp'], group: 'view' },
  'next-box': { title: 'Next box', keys: ['.'], group: 'boxes' },
  'previous-box': { title: 'Previous box', keys: [','], group: 'boxes' },
  'next-doubtful-box': { title: 'Next doubtful box', keys: ['J'], group: 'boxes' },
  'toggle-keep': { title: 'Keep or remove the box', keys: ['K'], group: 'boxes' },
  'next-alternative': { title: 'Next prediction of the same object', keys: ['N'], group: 'boxes' },
  'next-candidate': { title: 'Keep the next weaker prediction', keys: ['M'], group: 'boxes' },
  'apply-threshold': { title: 'Drop the boxes below the threshold', keys: ['T'], group: 'boxes' },
  'keep-only': { title: 'Keep only this box', keys: ['Shift+K'], group: 'boxes' },
  'move-box': { title: 'Move the box with the arrow keys', keys: ['E'], group: 'boxes' },
  'delete-box': { title: 'Delete box', keys: ['Delete', 'Backspace'], group: 'boxes' },
  'draw-box': { title: 'Draw a box', keys: ['D'], group: 'boxes' },
  'change-class': { title: 'Change class', keys: ['C'], group: 'boxes' },
  'copy-box': { title: 'Copy box', keys: ['Ctrl+C'], group: 'boxes' },
  'paste-box': { title: 'Paste box', keys: ['Ctrl+V'], group: 'boxes' },
  'duplicate-box': { title: 'Duplicate box', keys: ['Ctrl+D'], group: 'boxes' },
  'repeat-boxes': { title: "Repeat the previous image's boxes", keys: ['Shift+V'], group: 'boxes' },
  'undo-edit': { title: 'Undo edit', keys: ['Ctrl+Z'], group: 'boxes' },
  'redo-edit': { title: 'Redo edit', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], group: 'boxes' },
  'zoom-in': { title: 'Zoom in', keys: ['+', '='], group: 'view' },
  'zoom-out': { title: 'Zoom out', keys: ['-'], group: 'view' },
  'zoom-fit': { title: 'Fit image', keys: ['F'], group: 'view' },
  'zoom-actual': { title: 'Zoom to 100%', keys: ['Shift+Z'], group: 'view' },
  'zoom-box': { title: 'Zoom to the box', keys: ['Z'], group: 'view' },
  'keep-zoom': { title: 'Keep the zoom for the next images', keys: ['V'], group: 'view' },
  brighter: { title: 'Brighter', keys: ['I'], group: 'view' },
  darker: { title: 'Darker', keys: ['Shift+I'], group: 'view' },
  'more-contrast': { title: 'More contrast', keys: ['O'], group: 'view' },
  'less-contrast': { title: 'Less contrast', keys: ['Shift+O'], group: 'view' },
  'reset-light': { title: 'Reset brightness and contrast', keys: ['P'], group: 'view' },
  'toggle-boxes': { title: 'Hide or show boxes', keys: ['H'], group: 'view' },
  compare: { title: 'Compare with the predictions', keys: ['W'], group: 'view' },
  'show-keys': { title: 'Keyboard help', keys: ['?'], group: 'view' },
  escape: { title: 'Cancel or deselect', keys: ['Escape'], group: 'boxes' },
};

/** Actions that give a verdict on the current image, or ask for its reason. */
export const verdictActions: ReadonlySet<PanelAction> = new Set<PanelAction>([
  'accept',
  'save-corrections',
  'reject',
  'reject-background',
  'reject-unusable',
  'reject-later',
  'skip',
]);

/** Actions that do not repeat while their key is held. */
export const oncePerPress: ReadonlySet<PanelAction> = new Set<PanelAction>([
  ...verdictActions,
  'accept-confident',
  'undo',
  'redo',
  'toggle-keep',
  'apply-threshold',
  'keep-only',
  'next-alternative',
  'move-box',
  'toggle-boxes',
  'compare',
  'paste-box',
  'duplicate-box',
  'repeat-boxes',
  'zoom-box',
  'keep-zoom',
  'draw-box',
  'change-class',
  'show-keys',
]);

/** Actions that change boxes and repeat while their key is held. */
export const boxEditingActions: ReadonlySet<PanelAction> = new Set<PanelAction>([
  'delete-box',
  'undo-edit',
  'redo-edit',
]);

/** The action of each default key. */
export const actionByKey: ReadonlyMap<string, PanelAction> = new Map(
  (Object.keys(actions) as PanelAction[]).flatMap((name) => actions[name].keys.map((key) => [key, name])),
);

/** Whether an action repeats while its key is held. */
export function mayRepeat(action: PanelAction | undefined): boolean {
  return action !== undefined && !oncePerPress.has(action);
}

/** The reasons for a rejection, in the order of their digit keys. */
export const rejectReasons = ['reject-background', 'reject-unusable', 'reject-later'] as const;
