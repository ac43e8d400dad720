import type { ReviewAction } from '../../protocol/review.ts';
import { contextKeys } from '../ids.ts';

export interface ReviewCommandContribution {
  readonly title: string;
  /** Keys of VS Code. On a Mac, `ctrl` becomes `cmd`. */
  readonly keys: readonly string[];
}

/** The commands and keys of the review, by action. */
export const reviewContributions: Readonly<Record<ReviewAction, ReviewCommandContribution>> = {
  accept: { title: 'Accept', keys: ['a', 'enter'] },
  'save-corrections': { title: 'Save Corrections', keys: ['ctrl+s', 'ctrl+enter'] },
  reject: { title: 'Reject…', keys: ['r'] },
  'reject-background': { title: 'Reject: No Objects', keys: ['b'] },
  'reject-unusable': { title: 'Reject: Unusable Image', keys: ['x'] },
  'reject-later': { title: 'Reject: Label Later', keys: ['l'] },
  skip: { title: 'Skip', keys: ['s'] },
  'accept-confident': { title: 'Accept Confident Images…', keys: ['shift+a'] },
  undo: { title: 'Undo Verdict', keys: ['u'] },
  redo: { title: 'Redo Verdict', keys: ['shift+u'] },
  next: { title: 'Next Image', keys: ['right', 'pagedown'] },
  previous: { title: 'Previous Image', keys: ['left', 'pageup'] },
  'next-box': { title: 'Next Box', keys: ['.'] },
  'previous-box': { title: 'Previous Box', keys: [','] },
  'next-doubtful-box': { title: 'Next Doubtful Box', keys: ['j'] },
  'toggle-keep': { title: 'Keep or Remove the Box', keys: ['k'] },
  'next-alternative': { title: 'Next Prediction of the Same Object', keys: ['n'] },
  'next-candidate': { title: 'Keep the Next Weaker Prediction', keys: ['m'] },
  'apply-threshold': { title: 'Drop the Boxes Below the Threshold', keys: ['t'] },
  'keep-only': { title: 'Keep Only This Box', keys: ['shift+k'] },
  'move-box': { title: 'Move the Box with the Arrow Keys', keys: ['e'] },
  'delete-box': { title: 'Delete Box', keys: ['delete', 'backspace'] },
  'draw-box': { title: 'Draw a Box', keys: ['d'] },
  'change-class': { title: 'Change Class', keys: ['c'] },
  'copy-box': { title: 'Copy Box', keys: ['ctrl+c'] },
  'paste-box': { title: 'Paste Box', keys: ['ctrl+v'] },
  'duplicate-box': { title: 'Duplicate Box', keys: ['ctrl+d'] },
  'repeat-boxes': { title: "Repeat the Previous Image's Boxes", keys: ['shift+v'] },
  'undo-edit': { title: 'Undo Edit', keys: ['ctrl+z'] },
  'redo-edit': { title: 'Redo Edit', keys: ['ctrl+shift+z', 'ctrl+y'] },
  'zoom-in': { title: 'Zoom In', keys: ['=', 'shift+=', 'numpad_add'] },
  'zoom-out': { title: 'Zoom Out', keys: ['-', 'numpad_subtract'] },
  'zoom-fit': { title: 'Fit Image', keys: ['f'] },
  'zoom-actual': { title: 'Zoom to 100%', keys: ['shift+z'] },
  'zoom-box': { title: 'Zoom to the Box', keys: ['z'] },
  'keep-zoom': { title: 'Keep the Zoom for the Next Images', keys: ['v'] },
  brighter: { title: 'Brighter', keys: ['i'] },
  darker: { title: 'Darker', keys: ['shift+i'] },
  'more-contrast': { title: 'More Contrast', keys: ['o'] },
  'less-contrast': { title: 'Less Contrast', keys: ['shift+o'] },
  'reset-light': { title: 'Reset Brightness and Contrast', keys: ['p'] },
  'toggle-boxes': { title: 'Hide or Show Boxes', keys: ['h'] },
  compare: { title: 'Compare with the Predictions', keys: ['w'] },
  'show-keys': { title: 'Keyboard Help', keys: ['shift+/'] },
};

/**
 * When the keys of the review apply: its panel is the active editor and nothing else has the focus. VS Code updates these
 * keys together with the focus. A context key that the page reports through the extension host would lag behind, and a
 * letter typed into Quick Open or the sidebar could become a verdict.
 */
export const reviewKeysWhen = [
  contextKeys.reviewActive,
  "activeWebviewPanelId == 'activeLearning.review'",
  '!sideBarFocus',
  '!panelFocus',
  '!auxiliaryBarFocus',
  '!statusBarFocused',
  '!bannerFocused',
  '!notificationFocus',
  '!inQuickOpen',
  '!inputFocus',
  '!listFocus',
].join(' && ');
