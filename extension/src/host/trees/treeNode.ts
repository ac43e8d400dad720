export type NodeKind = 'folder' | 'session' | 'iteration' | 'model' | 'metrics' | 'samples';

/** A tree item as data. */
export interface TreeNode {
  readonly kind: NodeKind;
  /** Stable over refreshes, unique in its folder. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: string;
  /** Theme colour of the icon. */
  readonly color?: string;
  /** What menus ask for: the kind, then flags, such as `session;run;next=review;`. */
  readonly context: string;
  /** For a screen reader. */
  readonly spoken: string;
  readonly expanded: boolean;
  readonly children: readonly TreeNode[];
  readonly sessionId?: number;
  readonly iterationId?: number;
  readonly modelId?: number;
}

/** Flags end in a semicolon each, so that a `when` clause can match one whole. */
export function contextOf(kind: NodeKind, flags: readonly string[]): string {
  return [kind, ...flags].map((flag) => `${flag};`).join('');
}

/** An accuracy as it is shown. */
export function number(value: number | null): string {
  return value === null ? '–' : value.toFixed(2);
}
