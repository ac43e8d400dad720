export type NodeKind = 'folder' | 'session' | 'iteration' | 'model' | 'metrics' | 'samples';

/** A tree item as data. */
export interface TreeNode {
  readonly kind: NodeKind;
  /** Stable across refreshes and unique in its folder. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: string;
  /** Theme colour of the icon. */
  readonly color?: string;
  /** The `viewItem` of `when` clauses: the kind and flags, such as `session;run;next=review;`. */
  readonly context: string;
  /** For a screen reader. */
  readonly spoken: string;
  readonly expanded: boolean;
  readonly children: readonly TreeNode[];
  readonly sessionId?: number;
  readonly iterationId?: number;
  readonly modelId?: number;
}

/** Each flag ends with a semicolon, so that a `when` clause can match a whole flag. */
export function contextOf(kind: NodeKind, flags: readonly string[]): string {
  return [kind, ...flags].map((flag) => `${flag};`).join('');
}

/** Formats an accuracy. */
export function number(value: number | null): string {
  return value === null ? '–' : value.toFixed(2);
}
